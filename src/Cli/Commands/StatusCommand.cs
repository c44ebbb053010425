using Freehold.Cli.Output;

namespace Freehold.Cli.Commands;

/// <summary>Where the migrations of all tenants stand.</summary>
internal sealed class StatusCommand : ApplicationCommand
{
    private readonly SelectionOptions _selection;

    public StatusCommand() : base("status", "Where the tenants' migrations stand: pending, interrupted, unknown. Exit code 1 where anything is.") => _selection = new(this);

    public override async Task<int> RunAsync(Invocation invocation)
    {
        var plan = await invocation.Operations.PlanMigrationAsync(
            await _selection.ReadAsync(invocation).ConfigureAwait(false), cancellationToken: invocation.Stop).ConfigureAwait(false);
        invocation.Terminal.Show(new StatusResult(FleetDocument.Of(plan)), console => console.DrawStatus(plan));
        return plan is { PendingShared.Count: 0, Edited.Count: 0 } && plan.Tenants.All(MigrationTables.IsUpToDate) ? ExitCode.Done : ExitCode.Found;
    }

    private sealed record StatusResult(FleetDocument Fleet) : Document("status");
}
