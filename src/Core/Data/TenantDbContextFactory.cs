using Freehold.Core.Audit;
using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Core.Data;

/// <summary>Leases contexts to tenants.</summary>
internal sealed class TenantDbContextFactory<TContext>(ContextSource<TContext> source, TenantPlacer placer, TenantCrossings crossings) : ITenantDbContextFactory<TContext>
    where TContext : DbContext
{
    public TContext Create() => Create(scope: null);

    public TContext Create(Tenant tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        if (TenantScope.Current is { } ambient && ambient.Id != tenant.Id)
        {
            crossings.Cross(tenant, ambient, $"Making a {typeof(TContext).Name}");
        }

        return Lease(tenant, scope: null);
    }

    /// <summary>The context of a DI scope: of the tenant that is ambient when it is built.</summary>
    internal TContext Create(IServiceProvider? scope)
    {
        if (TenantScope.Current is { } tenant)
        {
            return Lease(tenant, scope);
        }

        // dotnet ef asks the application for its contexts and has no tenant; what it gets can describe migrations and open nothing.
        return EF.IsDesignTime ? source.ForMigrations(null, null, null, scope) : throw new TenantMissingException();
    }

    private TContext Lease(Tenant tenant, IServiceProvider? scope) => source.IsForSharedTables
        ? throw new MultiTenancyConfigurationException(
            $"{typeof(TContext).Name} is registered for shared tables. Ask ISharedDbContextFactory<{typeof(TContext).Name}> for it.")
        : source.Lease(tenant, placer.Place(tenant), scope);
}
