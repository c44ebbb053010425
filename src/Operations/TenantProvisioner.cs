using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations;

/// <summary>The order of things: lock, look, record, do, record.</summary>
internal sealed class TenantProvisioner(TenantSites sites, TenantPlaces places, SiteMigrator migrator, ILogger<TenantProvisioner> logger) : ITenantProvisioner
{
    public async Task<Tenant> ProvisionAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        if (migrator.HasSharedContexts)
        {
            await MigrateSharedAsync(cancellationToken).ConfigureAwait(false);
        }

        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        return await LockedAsync(site, "Provisioning", () => ProvisionAsync(tenant, site, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async Task<TenantMigrationResult> MigrateAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        return await LockedAsync(site, "Migrating", () => MigrateAsync(site, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public Task<TenantMigrationResult> MigrateSharedAsync(CancellationToken cancellationToken = default) =>
        LockedAsync(
            Site.Shared,
            "Migrating",
            async () =>
            {
                await places.EnsureAsync(Site.Shared, cancellationToken).ConfigureAwait(false);
                return await MigrateAsync(Site.Shared, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    public async Task<IReadOnlyList<TenantMigration>> GetPendingAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        return await ExplainedAsync(site, "Looking for migrations", () => migrator.PendingAsync(site, cancellationToken)).ConfigureAwait(false);
    }

    public async Task DropAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        await LockedAsync(site, "Dropping", () => DropAsync(site, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<Tenant> ProvisionAsync(Tenant given, Site site, CancellationToken cancellationToken)
    {
        var recorded = await sites.FindAsync(given, cancellationToken).ConfigureAwait(false);
        if (recorded is { State: TenantState.Deleted })
        {
            throw new TenantConflictException(given.Id, "one of that id was deleted and is remembered; ITenantRegistry.RemoveAsync would free the id");
        }

        if (recorded is not null && sites.Of(recorded).Placement != site.Placement)
        {
            throw site.Refused("somebody else added it meanwhile, in another place. Repeat the call.", isRetryable: true);
        }

        if (await sites.NeighbourAsync(site, cancellationToken).ConfigureAwait(false) is { } neighbour)
        {
            throw new TenantConflictException(given.Id, $"its data would be in the place of tenant '{neighbour}'");
        }

        if (recorded is null)
        {
            await sites.AddAsync(given with { Placement = site.Tenant!.Placement, State = TenantState.Provisioning }, cancellationToken).ConfigureAwait(false);
        }

        await places.EnsureAsync(site, cancellationToken).ConfigureAwait(false);
        await MigrateAsync(site, cancellationToken).ConfigureAwait(false);
        if (recorded is { State: not TenantState.Provisioning })
        {
            return recorded;
        }

        var state = given.State == TenantState.Suspended ? TenantState.Suspended : TenantState.Active;
        var ready = await sites.RecordAsync(given.Id, state, cancellationToken).ConfigureAwait(false);
        logger.Provisioned(given.Id);
        return ready;
    }

    private async Task<TenantMigrationResult> MigrateAsync(Site site, CancellationToken cancellationToken)
    {
        var applied = await migrator.MigrateAsync(site, cancellationToken).ConfigureAwait(false);
        foreach (var migration in applied)
        {
            logger.Applied(migration.Id, migration.Context, site);
        }

        return new(applied);
    }

    private async Task<bool> DropAsync(Site site, CancellationToken cancellationToken)
    {
        if (await sites.NeighbourAsync(site, cancellationToken).ConfigureAwait(false) is { } neighbour)
        {
            throw site.Refused($"its data is in the same place as that of tenant '{neighbour}', so it was not dropped. Correct the placement of one of them.");
        }

        var isThere = await places.CanDropAsync(site, cancellationToken).ConfigureAwait(false);
        if (await sites.FindAsync(site.Tenant!, cancellationToken).ConfigureAwait(false) is not null)
        {
            await sites.RecordAsync(site.Tenant!.Id, TenantState.Deleted, cancellationToken).ConfigureAwait(false);
        }

        if (isThere)
        {
            await places.DropAsync(site, cancellationToken).ConfigureAwait(false);
            logger.Dropped(site.Tenant!.Id);
        }

        return isThere;
    }

    private Task<T> LockedAsync<T>(Site site, string doing, Func<Task<T>> work, CancellationToken cancellationToken) =>
        ExplainedAsync(
            site,
            doing,
            async () =>
            {
                var held = await places.LockAsync(site, cancellationToken).ConfigureAwait(false);
                await using var _ = held.ConfigureAwait(false);
                return await work().ConfigureAwait(false);
            });

    private async Task<T> ExplainedAsync<T>(Site site, string doing, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or TenantOperationException or TenantException
            or TenantConflictException or MultiTenancyConfigurationException))
        {
            throw places.Explain(site, doing, failure);
        }
    }
}
