namespace Freehold;

/// <summary>The list of tenants, to read. Implement it to keep tenants elsewhere, and register it with <c>UseTenantStore</c>.</summary>
public interface ITenantStore
{
    /// <summary>Finds the tenant of that id, in whatever state it is; null where there is none. Failing means: unknown now, try again.</summary>
    ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default);

    /// <summary>All tenants, in the order of their ids (ordinal), as they are while the enumeration runs.</summary>
    IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default);
}
