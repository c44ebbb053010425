using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Freehold;

/// <summary>
/// A list of tenants in memory, to read and to write, which can be made to fail. Register it with
/// <c>UseTenantStore</c>, or hand it to <see cref="TenantAdmission"/>.
/// </summary>
public sealed class TestTenantStore : ITenantStore, ITenantRegistry
{
    private readonly ConcurrentDictionary<TenantId, Tenant> _tenants = new();
    private int _reads;

    /// <summary>With these tenants.</summary>
    public TestTenantStore(params IEnumerable<Tenant> tenants)
    {
        ArgumentNullException.ThrowIfNull(tenants);
        foreach (var tenant in tenants)
        {
            Add(tenant);
        }
    }

    /// <summary>While true, every call fails as a store that cannot be reached.</summary>
    public bool IsDown { get; set; }

    /// <summary>How often a tenant was looked for.</summary>
    public int Reads => _reads;

    /// <summary>Active tenants <c>tenant-0</c>, <c>tenant-1</c>, …</summary>
    /// <param name="count">How many.</param>
    /// <param name="prefix">What stands before the number.</param>
    public static IReadOnlyList<Tenant> Make(int count, string prefix = "tenant-") => [.. Enumerable.Range(0, count).Select(i => new Tenant($"{prefix}{i}"))];

    /// <inheritdoc/>
    /// <exception cref="IOException"><see cref="IsDown"/>.</exception>
    public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _reads);
        Reach();
        return new(_tenants.GetValueOrDefault(id));
    }

    /// <inheritdoc/>
    /// <exception cref="IOException"><see cref="IsDown"/>.</exception>
    public async IAsyncEnumerable<Tenant> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        Reach();
        foreach (var tenant in _tenants.Values.OrderBy(tenant => tenant.Id.Value, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return tenant;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException"><see cref="IsDown"/>.</exception>
    public Task AddAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        Reach();
        Add(tenant);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException"><see cref="IsDown"/>.</exception>
    public Task UpdateAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        Reach();
        if (!_tenants.ContainsKey(tenant.Id))
        {
            throw new TenantUnknownException(tenant.Id.Value);
        }

        _tenants[tenant.Id] = tenant;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException"><see cref="IsDown"/>.</exception>
    public Task RemoveAsync(TenantId id, CancellationToken cancellationToken = default)
    {
        Reach();
        _tenants.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    private void Add(Tenant tenant)
    {
        if (!_tenants.TryAdd(tenant.Id, tenant))
        {
            throw new TenantConflictException(tenant.Id, "there is one already");
        }
    }

    private void Reach()
    {
        if (IsDown)
        {
            throw new IOException("The tenant store cannot be reached (TestTenantStore.IsDown).");
        }
    }
}
