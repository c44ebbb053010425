namespace Freehold;

/// <summary>Looks for what would let one tenant see another's data, in the databases themselves. Changes nothing.</summary>
public interface ITenantDoctor
{
    /// <summary>
    /// Examines the database of every server, and those that records of tenants with a schema or rows name besides. On SQLite there is nothing to find.
    /// </summary>
    /// <exception cref="TenantOperationException">A database could not be examined; retryable where it was only out of reach.</exception>
    /// <exception cref="MultiTenancyConfigurationException">A server is behind a pooler, and no connection past it is known.</exception>
    Task<DoctorReport> ExamineAsync(CancellationToken cancellationToken = default);
}
