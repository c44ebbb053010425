using Freehold.Core;
using Freehold.Core.Audit;
using Freehold.Core.Data;
using Freehold.Core.Data.Connections;
using Freehold.Core.Data.Probing;
using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Freehold;

/// <summary>What <c>AddMultiTenancy</c> configures. Adapters add their own settings by extension methods on it.</summary>
public sealed class MultiTenancyBuilder
{
    private readonly MultiTenancySetup _setup = new();

    internal MultiTenancyBuilder(IServiceCollection services) => Services = services;

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Keeps tenants' data on PostgreSQL.</summary>
    /// <param name="connectionString">
    /// The default server, and its database for tenants with a schema of their own. Without search path, <c>No Reset On Close</c> and multiplexing.
    /// </param>
    /// <param name="configure">Further settings of every data source on that server: enums, logging, authentication.</param>
    /// <param name="server">What is special about that server: who migrates, a pooler in front of it, a role per tenant.</param>
    public MultiTenancyBuilder UseNpgsql(
        string connectionString, Action<NpgsqlDataSourceBuilder>? configure = null, Action<NpgsqlServerOptions>? server = null) =>
        AddNpgsqlServer(TenantPlacement.DefaultServer, connectionString, configure, server);

    /// <summary>Adds a PostgreSQL server that tenants' placements can name. How regions work.</summary>
    /// <param name="name">What placements call it.</param>
    /// <param name="connectionString">As in <see cref="UseNpgsql"/>.</param>
    /// <param name="configure">As in <see cref="UseNpgsql"/>.</param>
    /// <param name="server">As in <see cref="UseNpgsql"/>.</param>
    public MultiTenancyBuilder AddNpgsqlServer(
        string name, string connectionString, Action<NpgsqlDataSourceBuilder>? configure = null, Action<NpgsqlServerOptions>? server = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(connectionString);
        var options = new NpgsqlServerOptions();
        server?.Invoke(options);
        _setup.NpgsqlServers.Add(new NpgsqlServer(name, connectionString, configure, options));
        return this;
    }

    /// <summary>Keeps tenants' data in SQLite, a file per tenant in a directory (relative to the working directory, or absolute).</summary>
    public MultiTenancyBuilder UseSqlite(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _setup.SqliteDirectories.Add(directory);
        return this;
    }

    /// <summary>Sets what separates tenants whose record does not say.</summary>
    /// <param name="byDefault">The isolation of a tenant whose record names none.</param>
    /// <param name="others">
    /// What records may say besides. <see cref="Isolation.Row"/> must be named here, or be the default, before a tenant can have it: the tables of
    /// every placement then have the tenant's column, so that a tenant can move from one to another.
    /// </param>
    public MultiTenancyBuilder IsolateBy(Isolation byDefault, params Isolation[] others)
    {
        ArgumentNullException.ThrowIfNull(others);
        _setup.Isolations.Add(byDefault);
        _setup.OtherIsolations.AddRange(others);
        return Configure(options =>
        {
            options.Isolation = byDefault;
            options.OtherIsolations.UnionWith(others);
        });
    }

    /// <summary>Sets what holds for all tenants: caches, pools, limits.</summary>
    public MultiTenancyBuilder Configure(Action<MultiTenancyOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    /// <summary>Sets which ids tenants may have and how they become names.</summary>
    public MultiTenancyBuilder ConfigureNaming(Action<TenantNamingOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Looks, in tenants' contexts, for SQL of the application's own that names another tenant's schema or sets whose rows the session sees, and for
    /// <c>IgnoreQueryFilters()</c> without names. What is found outside an <see cref="AdminScope"/> is reported, or refused; each leaves an audit event.
    /// It finds mistakes and keeps nobody out: SQL that is put together inside the server, and commands run past EF, are not seen.
    /// </summary>
    public MultiTenancyBuilder DetectCrossTenantAccess(CrossTenantDetection action = CrossTenantDetection.Report) =>
        Configure(options => options.CrossTenantDetection = action);

    /// <summary>Adds a sink for audit events, a singleton. Without one, events go to the log and the meter alone.</summary>
    public MultiTenancyBuilder AddAuditSink<TSink>() where TSink : class, ITenantAuditSink
    {
        Services.AddSingleton<ITenantAuditSink, TSink>();
        return this;
    }

    /// <summary>
    /// Registers a DbContext whose tables every tenant has. Inject it, and it is the context of the tenant that was current when it was
    /// built; or ask <see cref="ITenantDbContextFactory{TContext}"/>. Pooled, unless it takes more than its options, overrides OnConfiguring
    /// or keeps something in fields of its own.
    /// </summary>
    /// <param name="configure">The context's further options, without provider connection. See also <see cref="TenantModelExtensions"/>.</param>
    public MultiTenancyBuilder AddDbContext<TContext>(Action<DbContextOptionsBuilder>? configure = null) where TContext : DbContext
    {
        Register(isForSharedTables: false, configure, services => services.GetRequiredService<TenantDbContextFactory<TContext>>().Create(services));
        return this;
    }

    /// <summary>
    /// Registers a DbContext whose tables exist once, for all tenants, in <see cref="TenantNamingOptions.SharedSchema"/> on the default server.
    /// Inject it, or ask <see cref="ISharedDbContextFactory{TContext}"/>.
    /// </summary>
    /// <param name="configure">The context's further options, without provider connection.</param>
    public MultiTenancyBuilder AddSharedDbContext<TContext>(Action<DbContextOptionsBuilder>? configure = null) where TContext : DbContext
    {
        Register(isForSharedTables: true, configure, services => services.GetRequiredService<SharedDbContextFactory<TContext>>().Create(services));
        return this;
    }

    internal void Complete()
    {
        _setup.Check(Services);
        Services.AddSingleton<IStartupCheck>(new RegistrationCheck(_setup, Services));
        if (_setup.SqliteDirectories is [var directory])
        {
            Services.AddSingleton<DatabaseProvider>(services => new SqliteProvider(directory, services.GetRequiredService<IOptions<TenantNamingOptions>>()));
        }
        else if (_setup.NpgsqlServers.Count > 0)
        {
            Services.AddSingleton<IEnumerable<NpgsqlServer>>(_setup.NpgsqlServers);
            Services.AddSingleton<DatabaseProvider, NpgsqlProvider>();
        }

        if (_setup.HasDatabase)
        {
            // Not without one: in development a host checks that it can build all that is registered.
            Services.AddSingleton<TenantPlacer>().AddSingleton<TenantCrossings>().AddSingleton<ContextOptions>();
            if (_setup.Contexts.Count > 0)
            {
                Services.AddSingleton<IStartupProbe, ServerProbe>();
            }
        }

        if (!Services.Any(service => service.ServiceType == typeof(ITenantStore)))
        {
            this.UseTenants();
        }
    }

    private void Register<TContext>(bool isForSharedTables, Action<DbContextOptionsBuilder>? configure, Func<IServiceProvider, TContext> create)
        where TContext : DbContext
    {
        var injected = ServiceDescriptor.Scoped(create);
        if (!_setup.Contexts.TryAdd(typeof(TContext), injected))
        {
            throw new MultiTenancyConfigurationException($"{typeof(TContext).Name} is registered twice within AddMultiTenancy. Register it once.");
        }

        Services.Add(injected);
        Services.AddSingleton(new ContextRegistration(typeof(TContext), isForSharedTables, configure));
        Services.AddSingleton<IStartupCheck, ContextCheck<TContext>>();

        // By these, dotnet ef finds contexts that are in none of the projects it looks through.
        Services.AddSingleton<DbContextOptions>(services => services.GetRequiredService<ContextSource<TContext>>().DesignOptions);
    }
}
