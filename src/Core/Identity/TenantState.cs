namespace Freehold;

/// <summary>Whether work may run for a tenant.</summary>
public enum TenantState
{
    /// <summary>Work runs.</summary>
    Active = 0,

    /// <summary>Every boundary refuses with <c>TENANT_SUSPENDED</c>.</summary>
    Suspended = 1,

    /// <summary>Its database is being made or changed: work is refused as retryable, with <c>TENANT_UNAVAILABLE</c>.</summary>
    Provisioning = 2,

    /// <summary>It is gone but remembered: every boundary refuses with <c>TENANT_UNKNOWN</c>.</summary>
    Deleted = 3,

    /// <summary>It was taken out of service for the time that it is migrated: work is refused as retryable, with <c>TENANT_UNAVAILABLE</c>.</summary>
    Migrating = 4,

    /// <summary>
    /// Provisioning it failed, or migrating it out of service did; <see cref="Tenant.Failure"/> says why. Work is refused as retryable, with
    /// <c>TENANT_UNAVAILABLE</c>, until repeating that repairs it.
    /// </summary>
    Failed = 5,

    /// <summary>
    /// Made ahead for a tenant to come, and nobody's yet: every boundary refuses with <c>TENANT_UNKNOWN</c>. Migrated with the others. One with a
    /// <see cref="Tenant.Failure"/> is not ready.
    /// </summary>
    Spare = 6,
}
