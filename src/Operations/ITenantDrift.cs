namespace Freehold;

/// <summary>
/// Compares what tenants' schemas and databases really look like with a reference: one that was migrated just now and is dropped again. Changes nothing of any
/// tenant's. PostgreSQL only.
/// </summary>
public interface ITenantDrift
{
    /// <summary>
    /// Compares all tenants that were provisioned and not deleted (<see cref="TenantSelection.All"/>): one query for all
    /// schemas of a database, and one more for each that differs.
    /// </summary>
    /// <exception cref="TenantOperationException">
    /// The reference could not be made, or a database could not be read; retryable where it was only busy or out of reach.
    /// </exception>
    /// <exception cref="MultiTenancyConfigurationException">Tenants are not on PostgreSQL, or a placement or a DbContext's migrations cannot work.</exception>
    Task<DriftReport> CompareAsync(CancellationToken cancellationToken = default);

    /// <summary>Compares these tenants, whatever their state. Where tenants are isolated by row, the place is compared that they share with others.</summary>
    /// <inheritdoc cref="CompareAsync(CancellationToken)" path="/exception"/>
    Task<DriftReport> CompareAsync(IEnumerable<Tenant> tenants, CancellationToken cancellationToken = default);
}
