using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Freehold.Core.Stores;

/// <summary>Tenants kept in this process: for tests, demos, and applications whose tenants are written in code.</summary>
internal sealed class MemoryTenantStore : ITenantStore, ITenantRegistry
{
    private readonly ConcurrentDictionary<string, Tenant> _tenants = new(StringComparer.OrdinalIgnoreCase);

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
