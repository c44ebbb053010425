namespace Freehold;

/// <summary>Reads who the current tenant is. Entering one is <see cref="TenantScope"/>'s business.</summary>
public interface ITenantContext
{
    /// <summary>The tenant this flow of execution works for, or null when it works for none.</summary>
    Tenant? Current { get; }

    /// <summary>The tenant this flow of execution works for.</summary>
    /// <exception cref="TenantMissingException">There is none.</exception>
    Tenant Required { get; }
}
