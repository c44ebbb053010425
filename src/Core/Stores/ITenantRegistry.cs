namespace Freehold;

/// <summary>The list of tenants, to write. What is written is visible to this process's <see cref="ITenantStore"/> when the call returns.</summary>
public interface ITenantRegistry
{
    /// <summary>Adds a tenant. One without a placement gets that of the rules of <c>PlaceBy</c>, where there are any.</summary>
    /// <exception cref="InvalidTenantIdException">The id is against <see cref="TenantNamingOptions"/>.</exception>
    /// <exception cref="TenantConflictException">There is one of that id (or one whose id differs only in case), whatever its state.</exception>
    Task AddAsync(Tenant tenant, CancellationToken cancellationToken = default);

    /// <summary>Replaces a tenant's record.</summary>
    /// <exception cref="TenantUnknownException">There is none of that id.</exception>
    /// <exception cref="TenantConflictException">The placement names what another tenant's record names (the PostgreSQL catalog checks that).</exception>
    Task UpdateAsync(Tenant tenant, CancellationToken cancellationToken = default);

    /// <summary>Forgets a tenant. Its data stays: dropping that is the provisioner's work. Forgetting an unknown one does nothing.</summary>
    Task RemoveAsync(TenantId id, CancellationToken cancellationToken = default);
}
