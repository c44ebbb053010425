using Microsoft.EntityFrameworkCore;

namespace Freehold.Core.Data;

/// <summary>Leases contexts of the tables that all tenants share.</summary>
internal sealed class SharedDbContextFactory<TContext>(ContextSource<TContext> source) : ISharedDbContextFactory<TContext> where TContext : DbContext
{
    public TContext Create() => Create(scope: null);

    internal TContext Create(IServiceProvider? scope)
    {
        if (!source.IsForSharedTables)
        {
            throw new MultiTenancyConfigurationException(
                $"{typeof(TContext).Name} is registered for tenants. Ask ITenantDbContextFactory<{typeof(TContext).Name}>, or register it with AddSharedDbContext.");
        }

        return EF.IsDesignTime ? source.ForMigrations(null, null, null, scope) : source.Lease(tenant: null, placement: null, scope);
    }
}
