using System.CommandLine;
using System.Text.Json.Serialization;
using Freehold.Cli.Output;

namespace Freehold.Cli.Commands;

/// <summary>Applies pending migrations, or takes tenants to another state of them.</summary>
internal sealed class MigrateCommand : ApplicationCommand
{
    private readonly SelectionOptions _selection;
    private readonly RunOptions _run;
    private readonly Option<bool> _dryRun = TypedOptions.Flag("--dry-run", "Show what would be done, and change nothing.");
    private readonly Option<string?> _target = TypedOptions.Text("--target", "migration", "The last migration to have, id or name; 0 for none. What is beyond it is reverted.");
    private readonly Option<string?> _context = TypedOptions.Text("--context", "name", "The only DbContext that is meant.");
    private readonly Option<bool> _markApplied = TypedOptions.Flag("--mark-applied", "Write what is pending into the histories, and run nothing of it.");
    private readonly Option<bool> _repair = TypedOptions.Flag("--repair", "Only tenants with an interrupted step (dirty ones): mend it and go on there.");
    private readonly Option<bool> _takeOutOfService = TypedOptions.Flag("--take-out-of-service", "Refuse each tenant's requests while it is migrated.");
    private readonly Option<string?> _edited = TypedOptions.OneOf(
        "--edited", "what", "What to do where a migration was edited after it was applied; warn by default.", "warn", "refuse", "accept");

    public MigrateCommand() : base("migrate", "Apply pending migrations: the shared tables first, then the tenants'.")
    {
        _selection = new(this, isToChange: true);
        _run = new(this);
        foreach (var option in (Option[])[_dryRun, _target, _context, _markApplied, _repair, _takeOutOfService, _edited])
        {
            Add(option);
        }

        Validators.Add(result =>
        {
            if (result.GetValue(_markApplied) && result.GetValue(_repair))
            {
                result.AddError("--mark-applied and --repair exclude each other: the one runs nothing, the other runs what was interrupted.");
            }
        });
    }

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var isDryRun = invocation.Value(_dryRun);
        var selection = await (isDryRun ? _selection.ReadAsync(invocation) : _selection.ReadToChangeAsync(invocation)).ConfigureAwait(false);
        var options = await _run.ReadAsync(invocation).ConfigureAwait(false);
        options.TakeOutOfService = invocation.Value(_takeOutOfService);
        options.Edited = Enum.Parse<EditedMigrationHandling>(invocation.Value(_edited) ?? nameof(EditedMigrationHandling.Warn), ignoreCase: true);
        var plan = await PlanAsync(invocation, selection).ConfigureAwait(false);
        if (isDryRun)
        {
            invocation.Terminal.Show(new MigrateResult(true, FleetDocument.Of(plan)), console => console.DrawPlan(plan));
            return ExitCode.Done;
        }

        return await IsMeantAsync(invocation, plan).ConfigureAwait(false) ? await RunAsync(invocation, plan, options).ConfigureAwait(false) : ExitCode.Done;
    }

    private async Task<TenantMigrationPlan> PlanAsync(Invocation invocation, TenantSelection selection)
    {
        var options = new TenantMigrationOptions { Target = invocation.Value(_target), Context = invocation.Value(_context) };
        try
        {
            var plan = await invocation.Operations.PlanMigrationAsync(selection, options, invocation.Stop).ConfigureAwait(false);
            return invocation.Value(_repair) ? plan.OnlyDirty() : plan;
        }
        catch (MultiTenancyConfigurationException failure) when ((options.Target ?? options.Context) is not null)
        {
            throw ToolException.Usage(failure.Message);
        }
    }

    // What takes columns and tables away is asked for, whoever was named.
    private async Task<bool> IsMeantAsync(Invocation invocation, TenantMigrationPlan plan)
    {
        if (plan.IsEmpty)
        {
            return true;
        }

        invocation.Terminal.Messages.DrawPlan(plan);
        var reverting = plan.Tenants.Count(status => status.Reverted.Count > 0);
        return reverting > 0
            ? await _selection.IsMeantInAnyCaseAsync(
                invocation, $"Revert migrations of {Tables.Count(reverting, "tenant")}? What they added is lost.", "Reverting migrations loses what they added").ConfigureAwait(false)
            : await _selection.IsMeantAsync(
                invocation, $"{(invocation.Value(_markApplied) ? "Mark as applied, for" : "Migrate")} all {Tables.Count(plan.Tenants.Count, "tenant")} of {invocation.Application}?").ConfigureAwait(false);
    }

    private async Task<int> RunAsync(Invocation invocation, TenantMigrationPlan plan, TenantRunOptions options)
    {
        var isMarking = invocation.Value(_markApplied);
        var result = await RunProgress.ShowAsync(invocation.Terminal, isMarking ? "Marking" : "Migrating", progress =>
        {
            options.Progress = progress;
            return isMarking ? invocation.Operations.MarkAppliedAsync(plan, options, invocation.Stop) : invocation.Operations.MigrateAsync(plan, options, invocation.Stop);
        }, invocation.Stop).ConfigureAwait(false);
        invocation.Terminal.Show(
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
