using Microsoft.EntityFrameworkCore;

namespace Freehold;

/// <summary>Hands out contexts of the tables that all tenants share, for work outside any tenant. Dispose each to return it to its pool.</summary>
/// <typeparam name="TContext">A DbContext registered with <c>AddSharedDbContext</c>.</typeparam>
public interface ISharedDbContextFactory<TContext> where TContext : DbContext
{
    /// <summary>A context of the shared tables. It can be used whether a tenant is current or not.</summary>
    /// <exception cref="MultiTenancyConfigurationException">The context is not registered.</exception>
    TContext Create();
}
