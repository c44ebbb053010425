using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Freehold.Core.Stores;

/// <summary>Tenants kept in this process: for tests, demos, and applications whose tenants are written in code.</summary>
internal sealed class MemoryTenantStore : ITenantStore, IAtomicTenantRegistry
{
    private readonly ConcurrentDictionary<string, Tenant> _tenants = new(StringComparer.OrdinalIgnoreCase);

    // One spare at a time: giving it away changes two entries.
    private readonly Lock _claiming = new();

    /// <exception cref="InvalidTenantIdException">An id is against the naming rules.</exception>
    /// <exception cref="TenantConflictException">Two ids are the same, or differ only in case.</exception>
    public MemoryTenantStore(IEnumerable<Tenant> tenants, TenantNamingOptions naming)
    {
        foreach (var tenant in tenants)
        {
            Add(naming.Defect(tenant.Id) is { } defect ? throw new InvalidTenantIdException(tenant.Id.Value, defect) : tenant);
        }
    }

    public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) =>
        new(_tenants.TryGetValue(id.Value, out var tenant) && tenant.Id == id ? tenant : null);

    public async IAsyncEnumerable<Tenant> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var tenant in _tenants.Values.OrderBy(tenant => tenant.Id.Value, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return tenant;
        }
    }

    public Task AddAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        Add(tenant);
        return Task.CompletedTask;
    }

    public Task UpdateAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        while (_tenants.TryGetValue(tenant.Id.Value, out var before) && before.Id == tenant.Id)
        {
            if (_tenants.TryUpdate(tenant.Id.Value, tenant, before))
            {
                return Task.CompletedTask;
            }
        }

        throw new TenantUnknownException(tenant.Id.Value);
    }

    public Task<bool> TryUpdateAsync(Tenant expected, Tenant changed, CancellationToken cancellationToken = default) =>
        Task.FromResult(_tenants.TryUpdate(expected.Id.Value, changed, expected));

    public Task<Tenant?> ClaimSpareAsync(Tenant wanted, CancellationToken cancellationToken = default)
    {
        lock (_claiming)
        {
            foreach (var spare in _tenants.Values.Where(spare => spare.IsSpareFor(wanted)).OrderBy(spare => spare.Id.Value, StringComparer.Ordinal))
            {
                Add(wanted with { State = TenantState.Provisioning, Failure = null, Placement = spare.Placement });
                if (_tenants.TryRemove(new(spare.Id.Value, spare)))
                {
                    return Task.FromResult<Tenant?>(spare);
                }

                // Somebody changed the spare meanwhile.
                _tenants.TryRemove(wanted.Id.Value, out _);
            }

            return Task.FromResult<Tenant?>(null);
        }
    }

    public Task RemoveAsync(TenantId id, CancellationToken cancellationToken = default)
    {
        if (_tenants.TryGetValue(id.Value, out var tenant) && tenant.Id == id)
        {
            _tenants.TryRemove(new(id.Value, tenant));
        }

        return Task.CompletedTask;
    }

    private void Add(Tenant tenant)
    {
        if (!_tenants.TryAdd(tenant.Id.Value, tenant))
        {
            throw new TenantConflictException(tenant.Id, $"there is a tenant '{_tenants[tenant.Id.Value].Id}' already");
        }
    }
}
