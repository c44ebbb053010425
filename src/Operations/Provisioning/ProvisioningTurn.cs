using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Freehold.Operations.Running;

namespace Freehold.Operations.Provisioning;

/// <summary>What a run of many lends to the provisioning of each: its sessions, what it knows of all places, and that the shared tables are there.</summary>
internal sealed class ProvisioningTurn(RunSession session, Slot slot, PlaceIndex index)
{
    public Task<IAsyncDisposable> LockAsync(Site site, CancellationToken cancellationToken) => session.LockAsync(site, cancellationToken);

    /// <summary>Another tenant whose data is in the same place, or null.</summary>
    public TenantId? Neighbour(Site site, TenantPlaces places) => index.Add(site.Tenant!.Id, places.Identify(site.Placement!));

    /// <summary>Makes a place that is not there yet, with all migrations, in one transaction.</summary>
    /// <returns>False where that cannot be, or failed, and nothing was done.</returns>
    public Task<bool> TryMakeAsync(Site site, Action<TenantMigration> done, CancellationToken cancellationToken) =>
        session.TryMakeAtOnceAsync(slot, site, new(MigrationTarget.Latest, done), cancellationToken);
}
