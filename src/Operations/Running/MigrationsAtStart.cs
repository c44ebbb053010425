using Freehold.Core;

namespace Freehold.Operations.Running;

/// <summary>Migrates all tenants before the host's services start. Any number of processes may start at once: they take turns.</summary>
internal sealed class MigrationsAtStart(ITenantOperations operations, TenantRunOptions options) : IStartupProbe
{
    // A tenant that fails is logged and not ready; the others are no worse for it, so the host starts.
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var plan = await operations.PlanMigrationAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await operations.MigrateAsync(plan, options, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
