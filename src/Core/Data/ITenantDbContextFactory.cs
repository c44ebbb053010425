using Microsoft.EntityFrameworkCore;

namespace Freehold;

/// <summary>
/// Hands out contexts that see one tenant's data and nothing else. Each call leases one from a pool; dispose it to return it.
/// Injecting <typeparamref name="TContext"/> itself gives the scope's own context of the tenant that was current when it was built.
/// </summary>
/// <typeparam name="TContext">Any DbContext registered with <c>AddDbContext</c>; no base class is needed.</typeparam>
public interface ITenantDbContextFactory<TContext> where TContext : DbContext
{
    /// <summary>A context of the current tenant.</summary>
    /// <exception cref="TenantMissingException">No tenant is current.</exception>
    /// <exception cref="MultiTenancyConfigurationException">The context is not registered, or cannot serve a tenant of that placement.</exception>
    TContext Create();

    /// <summary>A context of a tenant that was admitted. Using it while another tenant is ambient is refused outside an <see cref="AdminScope"/>.</summary>
    /// <exception cref="TenantMismatchException">Another tenant is current, outside an <see cref="AdminScope"/>.</exception>
    /// <exception cref="MultiTenancyConfigurationException">The context is not registered, or cannot serve a tenant of that placement.</exception>
    TContext Create(Tenant tenant);
}
