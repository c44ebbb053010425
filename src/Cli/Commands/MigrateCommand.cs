using System.CommandLine;
using System.Text.Json.Serialization;
using Freehold.Cli.Output;

namespace Freehold.Cli.Commands;

/// <summary>Applies pending migrations.</summary>
internal sealed class MigrateCommand : ApplicationCommand
{
    private readonly SelectionOptions _selection;
    private readonly RunOptions _run;
    private readonly Option<bool> _dryRun = TypedOptions.Flag("--dry-run", "Show what would be done, and change nothing.");

    public MigrateCommand() : base("migrate", "Apply pending migrations: the shared tables first, then the tenants'.")
    {
        _selection = new(this, isToChange: true);
        _run = new(this);
        Add(_dryRun);
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var isDryRun = invocation.Value(_dryRun);
        var selection = await (isDryRun ? _selection.ReadAsync(invocation) : _selection.ReadToChangeAsync(invocation)).ConfigureAwait(false);
        var options = await _run.ReadAsync(invocation).ConfigureAwait(false);
        var plan = await invocation.Operations.PlanMigrationAsync(selection, invocation.Stop).ConfigureAwait(false);
        if (isDryRun)
        {
            invocation.Terminal.Show(new MigrateResult(true, FleetDocument.Of(plan)), console => console.DrawPlan(plan));
            return ExitCode.Done;
        }

        return await RunAsync(invocation, plan, options).ConfigureAwait(false);
    }

    private async Task<int> RunAsync(Invocation invocation, TenantMigrationPlan plan, TenantRunOptions options)
    {
        var terminal = invocation.Terminal;
        if (!plan.IsEmpty)
        {
            terminal.Messages.DrawPlan(plan);
            if (!await _selection.IsMeantAsync(invocation, $"Migrate all {Tables.Count(plan.Tenants.Count, "tenant")} of {invocation.Application}?").ConfigureAwait(false))
            {
                return ExitCode.Done;
            }
        }

        var result = await RunProgress.ShowAsync(terminal, "Migrating", progress =>
        {
            options.Progress = progress;
            return invocation.Operations.MigrateAsync(plan, options, invocation.Stop);
        }).ConfigureAwait(false);
        terminal.Show(
            new MigrateResult(false, FleetDocument.Of(plan)) { Summary = OutcomeSummary.Of(result), Outcomes = OutcomeDocument.Of(result) },
            console => console.DrawOutcomes(result));
        return invocation.Ended(result);
    }

    private sealed record MigrateResult(bool IsDryRun, FleetDocument Plan) : Document("migrate")
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public OutcomeSummary? Summary { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<OutcomeDocument>? Outcomes { get; init; }
    }
}
