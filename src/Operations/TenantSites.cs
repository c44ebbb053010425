using Freehold.Core.Placement;
using Freehold.Operations.Places;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Operations;

/// <summary>What the list of tenants says of a tenant, and what an operation writes there.</summary>
internal sealed class TenantSites(
    ITenantStore store, TenantPlacer placer, TenantPlaces places, IServiceProvider services, ITenantCache? cache = null, PlacementRules? rules = null)
{
    private const int MaxAttempts = 20;

    /// <summary>The registry, where it changes records atomically; null otherwise.</summary>
    public IAtomicTenantRegistry? Atomic => Registry() as IAtomicTenantRegistry;

    /// <summary>The tenant's record as it is now; null where there is none.</summary>
    /// <exception cref="TenantOperationException">The given record places it elsewhere.</exception>
    public async Task<Tenant?> FindAsync(Tenant given, CancellationToken cancellationToken)
    {
        cache?.Forget(given.Id);
        var recorded = await store.FindAsync(given.Id, cancellationToken).ConfigureAwait(false);
        return recorded is null || given.Placement is null || placer.Place(given) == placer.Place(recorded) ? recorded : throw new TenantOperationException(
            given.Id, $"Tenant '{given.Id}': the given placement differs from its record's. Give it as recorded (or without a placement); data moves before a record does.");
    }

    /// <summary>The site of a tenant: by its record; where there is none, by what was given, or by the rules.</summary>
    public async Task<Site> OfAsync(Tenant given, CancellationToken cancellationToken)
    {
        var recorded = await FindAsync(given, cancellationToken).ConfigureAwait(false);
        return Of(recorded ?? (rules is null ? given : await rules.DecideAsync(given, cancellationToken).ConfigureAwait(false)));
    }

    public Site Of(Tenant tenant) => new(tenant, placer.Place(tenant));

    /// <summary>Another tenant whose data is in the same place, or null. One that was deleted has none.</summary>
    public async Task<TenantId?> NeighbourAsync(Site site, CancellationToken cancellationToken)
    {
        var own = places.Identify(site.Placement!);
        await foreach (var other in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (other.Id != site.Id && other.State != TenantState.Deleted && IsIn(own, other))
            {
                return other.Id;
            }
        }

        return null;
    }

    /// <summary>The records of a kind, in the order of their ids.</summary>
    public async Task<IReadOnlyList<Tenant>> ListAsync(Predicate<Tenant> wanted, CancellationToken cancellationToken)
    {
        var found = new List<Tenant>();
        await foreach (var tenant in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (wanted(tenant))
            {
                found.Add(tenant);
            }
        }

        return found;
    }

    public Task RemoveAsync(TenantId id, CancellationToken cancellationToken) => Registry(id).RemoveAsync(id, cancellationToken);

    /// <summary>Adds a record.</summary>
    /// <returns>The record as it is now.</returns>
    public async Task<Tenant> AddAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        await Registry(tenant.Id).AddAsync(tenant, cancellationToken).ConfigureAwait(false);
        return tenant;
    }

    /// <summary>Changes the record as it is now, which may not be the one that an operation began with. Where somebody else changes it meanwhile, once more.</summary>
    /// <param name="id">Whose.</param>
    /// <param name="change">Gets the record, and returns what it shall be; the same where nothing is to be written. May be called more than once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The record as it is now.</returns>
    /// <exception cref="TenantOperationException">There is no such record, or it cannot be written.</exception>
    public async Task<Tenant> RecordAsync(TenantId id, Func<Tenant, Tenant> change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            cache?.Forget(id);
            var recorded = await store.FindAsync(id, cancellationToken).ConfigureAwait(false) ?? throw new TenantOperationException(
                id, $"Tenant '{id}' is not on the list of tenants, or was removed from it just now. Correct the id, or provision it (ITenantProvisioner).");
            var changed = change(recorded);
            if (changed == recorded)
            {
                return recorded;
            }

            if (await TryWriteAsync(recorded, changed, cancellationToken).ConfigureAwait(false))
            {
                cache?.Forget(id);
                return changed;
            }
        }

        throw new TenantOperationException(id, $"Tenant '{id}': others change its record all the time, so it was left as it is. Repeat the call.", isRetryable: true);
    }

    private async Task<bool> TryWriteAsync(Tenant recorded, Tenant changed, CancellationToken cancellationToken)
    {
        if (Registry(recorded.Id) is IAtomicTenantRegistry atomic)
        {
            return await atomic.TryUpdateAsync(recorded, changed, cancellationToken).ConfigureAwait(false);
        }

        await Registry(recorded.Id).UpdateAsync(changed, cancellationToken).ConfigureAwait(false);
        return true;
    }

    // Looked up when something is to be written: a list that can only be read is no error before.
    private ITenantRegistry? Registry() => services.GetService<ITenantRegistry>();

    private ITenantRegistry Registry(TenantId id) => Registry() ?? throw new TenantOperationException(
        id, $"Tenant '{id}': the tenant store can only be read, so its state cannot be recorded. Add, change or remove it where the store reads from, "
        + "or use a store that is also an ITenantRegistry.");

    // A record that no longer resolves is somebody's all the same; it cannot be compared, and says so where it is used.
    private bool IsIn(PlaceIdentity own, Tenant other)
    {
        try
        {
            return own.Overlaps(places.Identify(placer.Place(other)));
        }
        catch (Exception failure) when (failure is MultiTenancyConfigurationException or TenantUnknownException)
        {
            return false;
        }
    }
}
