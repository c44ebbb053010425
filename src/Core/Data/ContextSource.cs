using Freehold.Core.Audit;
using Freehold.Core.Data.Connections;
using Freehold.Core.Data.Model;
using Freehold.Core.Data.Session;
using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Data;

/// <summary>Makes, binds and reuses the contexts of one type. The options and the model behind them are the same for every tenant.</summary>
internal sealed class ContextSource<TContext> where TContext : DbContext
{
    private readonly IServiceProvider _services;
    private readonly DatabaseProvider _provider;
    private readonly ContextRegistration _registration;
    private readonly ContextOptions _options;
    private readonly TenantCrossings _crossings;
    private readonly Lazy<PooledDbContextFactory<TContext>> _pool;
    private readonly Lazy<ScopedContextPool<TContext>> _scopedPool;
    private readonly Lazy<DbContextOptions<TContext>> _single;
    private volatile bool _isModelChecked;

    public ContextSource(
        IServiceProvider services, DatabaseProvider provider, IEnumerable<ContextRegistration> registrations, ContextOptions options, TenantCrossings crossings,
        IOptions<MultiTenancyOptions> settings)
    {
        _services = services;
        _provider = provider;
        _options = options;
        _crossings = crossings;
        _registration = registrations.LastOrDefault(registration => registration.Type == typeof(TContext)) ?? throw new MultiTenancyConfigurationException(
            $"{typeof(TContext).Name} is not registered. Call AddDbContext<{typeof(TContext).Name}>() (or AddSharedDbContext) within AddMultiTenancy.");
        var kind = _registration.IsForSharedTables ? ContextKind.Shared : ContextKind.Tenant;
        _single = new(() => _options.Build<TContext>(_registration, kind));
        _pool = new(() => new PooledDbContextFactory<TContext>(_single.Value, settings.Value.ContextPoolSize));
        _scopedPool = new(() => new ScopedContextPool<TContext>(_single.Value, settings.Value.ContextPoolSize));
    }

    public bool IsForSharedTables => _registration.IsForSharedTables;

    /// <summary>The options of contexts that describe migrations and open nothing.</summary>
    public DbContextOptions<TContext> DesignOptions => _options.Build<TContext>(_registration, ContextKind.Migrations);

    /// <summary>A context of a tenant, or of the shared tables (null), whose dependencies come from <paramref name="scope"/> or a scope of its own.</summary>
    public TContext Lease(Tenant? tenant, ResolvedPlacement? placement, IServiceProvider? scope)
    {
        var source = placement is null ? _provider.RentShared() : _provider.Rent(placement);
        TContext? context = null;
        try
        {
            context = !_registration.IsPoolable ? Unpooled(scope) : scope is null ? _pool.Value.CreateDbContext() : _scopedPool.Value.Rent(scope);
            CheckModel(context);
            Bind(context, source, tenant, placement);
            return context;
        }
        catch
        {
            // An unbound lease does not know the source yet, so it is returned here; a bound one returns it by itself.
            if (context is null || !context.GetService<TenantLease>().Holds(source))
            {
                source.Return();
            }

            context?.Dispose();
            throw;
        }
    }

    /// <summary>Builds options and model now, so that what is wrong with them is known now.</summary>
    public void Check()
    {
        TContext context;
        try
        {
            context = _registration.IsPoolable ? _pool.Value.CreateDbContext() : Unpooled(scope: null);
        }
        catch (TenantMissingException)
        {
            // Its constructor wants a tenant, and there is none yet: what is wrong with it shows when the first one comes.
            return;
        }

        using (context)
        {
            CheckModel(context);
        }
    }

    /// <summary>A context that migrates: its model has no schema, its connection's search path is the tenant's. Bound to nothing without a source.</summary>
    public TContext ForMigrations(
        ConnectionSource? source, Tenant? tenant, ResolvedPlacement? placement, IServiceProvider? scope, Action<DbContextOptionsBuilder>? configure = null)
    {
        var registration = _registration with { Configure = _registration.Configure + configure };
        var context = ActivatorUtilities.CreateInstance<TContext>(scope ?? _services, _options.Build<TContext>(registration, ContextKind.Migrations));
        if (source is not null)
        {
            Bind(context, source, tenant, placement);
        }

        return context;
    }

    private TContext Unpooled(IServiceProvider? scope)
    {
        if (scope is not null)
        {
            return ActivatorUtilities.CreateInstance<TContext>(scope, _single.Value);
        }

        var own = _services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        try
        {
            var context = ActivatorUtilities.CreateInstance<TContext>(own.ServiceProvider, _single.Value);
            context.GetService<TenantLease>().Own(own);
            return context;
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    // A model that was built elsewhere never met the convention, and OnConfiguring can bring one to each instance; pooled ones have no OnConfiguring.
    private void CheckModel(TContext context)
    {
        if (_isModelChecked)
        {
            return;
        }

        var kind = context.GetService<TenantModelSettings>().Kind;
        if (kind != ContextKind.Migrations && context.Model.FindAnnotation(ModelAnnotations.Kind)?.Value as string != kind.ToString())
        {
            throw new MultiTenancyConfigurationException(
                $"{typeof(TContext).Name} uses a model built elsewhere (UseModel, or a compiled model), which lacks the tenant's place in its names. Remove it.");
        }

        _isModelChecked = _registration.IsPoolable;
    }

    private void Bind(TContext context, ConnectionSource source, Tenant? tenant, ResolvedPlacement? placement) =>
        context.GetService<TenantLease>().Bind(context.GetService<IRelationalConnection>(), source, _provider, _crossings, tenant, placement);
}
