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
}
