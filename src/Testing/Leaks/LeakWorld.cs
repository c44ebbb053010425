using Freehold.Core.Data;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Freehold.Testing.Leaks;

/// <summary>The user's registration on a database of its own, with tenants whose rows carry values that no other tenant has.</summary>
internal sealed class LeakWorld<TContext> : IAsyncDisposable where TContext : DbContext
{
    private readonly Action<MultiTenancyBuilder, string> _register;
    private readonly TenantLeakOptions _options;
    private readonly string _connectionString;
    private readonly string _role;
    private readonly ServiceProvider _owner;
    private string _application;

    private LeakWorld(string connectionString, (string Name, string Password) role, Action<MultiTenancyBuilder, string> register, TenantLeakOptions options)
    {
        _connectionString = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = options.Connections, Timeout = 60 }.ConnectionString;
        _application = new NpgsqlConnectionStringBuilder(_connectionString) { Username = role.Name, Password = role.Password }.ConnectionString;
        _role = role.Name;
        _register = register;
        _options = options;
        _owner = BuildOwner();
        Services = _owner;
        Maker = new(Ledger, options);
    }

    /// <summary>The user's application, by a role that may read and write rows and nothing else.</summary>
    public ServiceProvider Services { get; private set; }

    /// <summary>The tenants as they were recorded, with their placements.</summary>
    public IReadOnlyList<Tenant> Tenants { get; private set; } = [];

    public StampLedger Ledger { get; } = new();

    public RowMaker Maker { get; }

    /// <summary>Whether sessions are others' after each transaction.</summary>
    public bool IsPooled => _options.Pooler is not null;

    /// <summary>The entity types with tables of tenants, principals first.</summary>
    public IReadOnlyList<EntityWork<TContext>> Entities { get; private set; } = [];

    public static async Task<LeakWorld<TContext>> CreateAsync(
        Action<MultiTenancyBuilder, string> register, TenantLeakOptions options, CancellationToken cancellationToken)
    {
        var server = await TestPostgres.GetAsync().ConfigureAwait(false);
        var role = await server.CreateRoleAsync().ConfigureAwait(false);
        var database = await server.CreateDatabaseAsync().ConfigureAwait(false);
        var world = new LeakWorld<TContext>(database, role, register, options);
        try
        {
            await world.ProvisionAsync(cancellationToken).ConfigureAwait(false);
            await world.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return world;
        }
        catch
        {
            await world.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The user's application once more, with a defect.</summary>
    public ServiceProvider Build(Action<DbContextOptionsBuilder>? defect = null) => Build(_application, Tenants, defect);

    public int RowsOf(Tenant tenant) => _options.Rows + (Tenants.ToList().IndexOf(tenant) % 3);

    public ResolvedPlacement PlacementOf(Tenant tenant) => Services.GetRequiredService<TenantPlacer>().Place(tenant);

    public async Task SeedAsync(CancellationToken cancellationToken)
    {
        foreach (var tenant in Tenants)
        {
            using var entered = TenantScope.Enter(tenant);
            var context = Services.GetRequiredService<ITenantDbContextFactory<TContext>>().Create();
            await using var disposing = context.ConfigureAwait(false);
            if (Entities.Count == 0)
            {
                Entities = EntityOrder.Of(context.Model).Select(type => EntityWork<TContext>.Of(this, type)).ToArray();
            }

            foreach (var entity in Entities)
            {
                await entity.SeedAsync(context, tenant, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A hash of all of a tenant's rows, and their numbers, read past Freehold.</summary>
    public async Task<string> DigestAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        var placement = PlacementOf(tenant);
        var byTenant = placement.Isolation == Isolation.Row
            ? $" WHERE {SqlText.Identifier(Services.GetRequiredService<IOptions<TenantNamingOptions>>().Value.TenantColumn)} = {SqlText.Literal(tenant.Id.Value)}"
            : "";
        var digests = new List<string>();
        foreach (var table in Entities.SelectMany(entity => entity.Tables).Distinct())
        {
            var digest = await PastFreeholdAsync(
                placement,
                $"SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {placement.QuotedSchema}.{SqlText.Identifier(table)} t{byTenant}",
                cancellationToken).ConfigureAwait(false);
            digests.Add($"{table} {digest}");
        }

        return string.Join(", ", digests);
    }

    /// <summary>Takes the policies off all tables of tenants by row.</summary>
    public async Task DisablePoliciesAsync(CancellationToken cancellationToken)
    {
        var placement = Tenants.Select(PlacementOf).First(place => place.Isolation == Isolation.Row);
        foreach (var table in Entities.SelectMany(entity => entity.Tables).Distinct())
        {
            await PastFreeholdAsync(placement, $"ALTER TABLE {SqlText.Identifier(table)} DISABLE ROW LEVEL SECURITY", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs SQL as the owner of the tables, on a connection of its own whose search path is the tenant's.</summary>
    public Task<object?> PastFreeholdAsync(ResolvedPlacement placement, string sql, CancellationToken cancellationToken) =>
        ScalarAsync(new(_connectionString) { SearchPath = placement.QuotedSchema }, placement, sql, cancellationToken);

    /// <summary>Runs SQL on the application's way to the tenant's database, on a connection of its own that sets nothing.</summary>
    public Task<object?> AsStrangerAsync(ResolvedPlacement placement, string sql, CancellationToken cancellationToken) =>
        ScalarAsync(new(_application), placement, sql, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await using var disposing = _owner.ConfigureAwait(false);
        if (Services != _owner)
        {
            await Services.DisposeAsync().ConfigureAwait(false);
        }

        // Also what failed halfway; everything else is in the suite's database.
        var placer = _owner.GetRequiredService<TenantPlacer>();
        foreach (var tenant in await _owner.GetRequiredService<ITenantStore>().ListAsync().ToListAsync().ConfigureAwait(false))
        {
            if (placer.Place(tenant).Isolation == Isolation.Database)
            {
                await _owner.GetRequiredService<ITenantProvisioner>().DropAsync(tenant).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Lets the application's role read and write what is there now.</summary>
    public Task<object?> GrantAsync(Tenant tenant, CancellationToken cancellationToken) => PastFreeholdAsync(
        PlacementOf(tenant),
        $"""
        DO $grant$ DECLARE place record;
        BEGIN
            FOR place IN SELECT nspname AS name FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%' LOOP
                EXECUTE format('GRANT USAGE ON SCHEMA %I TO {_role}', place.name);
                EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO {_role}', place.name);
                EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO {_role}', place.name);
            END LOOP;
        END $grant$
        """,
        cancellationToken);

    // Databases are the server's and not the suite's own, so the tenants' names must be. Rules of placement are asked here, as they are of new tenants.
    private async Task ProvisionAsync(CancellationToken cancellationToken)
    {
        var prefix = Guid.NewGuid().ToString("N")[..8];
        for (var number = 0; number < _options.Tenants; number++)
        {
            var tenant = new Tenant($"{prefix}-{number:00}");
            tenant = await _owner.GetRequiredService<ITenantProvisioner>()
                .ProvisionAsync(_options.Describe?.Invoke(tenant, number) ?? tenant, cancellationToken).ConfigureAwait(false);
            Tenants = [.. Tenants, tenant];
            await GrantAsync(tenant, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_options.Pooler is { } pooler)
        {
            var closedPath = ((NpgsqlProvider)_owner.GetRequiredService<DatabaseProvider>()).Probes.ClosedPath;
            await PastFreeholdAsync(PlacementOf(Tenants[0]), $"ALTER ROLE {_role} SET search_path TO {closedPath}", cancellationToken).ConfigureAwait(false);
            _application = await pooler(_application, cancellationToken).ConfigureAwait(false);
        }

        Services = Build();
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnectionStringBuilder settings, ResolvedPlacement placement, string sql, CancellationToken cancellationToken)
    {
        settings.Pooling = false;
        settings.Database = placement.Database ?? settings.Database;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await using var closing = connection.ConfigureAwait(false);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = new NpgsqlCommand(sql, connection);
        await using var disposing = command.ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    // By the role that owns the tables, which policies do not bind, and past the pooler.
    private ServiceProvider BuildOwner()
    {
        var owner = Build(_connectionString, [], defect: null);
        foreach (var server in owner.GetRequiredService<IEnumerable<NpgsqlServer>>())
        {
            server.Options.Pooler = PoolerMode.None;
        }

        return owner;
    }

    private ServiceProvider Build(string connectionString, IReadOnlyList<Tenant> tenants, Action<DbContextOptionsBuilder>? defect)
    {
        var services = new ServiceCollection();
        _options.Services?.Invoke(services);
        services.AddMultiTenancy(tenancy =>
        {
            _register(tenancy, connectionString);
            tenancy.UseTenants([.. tenants]);
            if (!services.Any(service => service.ServiceType == typeof(ITenantProvisioner)))
            {
                tenancy.AddOperations();
            }
        });
        for (var i = 0; i < services.Count; i++)
        {
            if (!services[i].IsKeyedService && services[i].ImplementationInstance is ContextRegistration registration)
            {
                services[i] = ServiceDescriptor.Singleton(registration with
                {
                    Configure = registration.Configure + WithModelMigrations + (registration.Type == typeof(TContext) ? defect : null),
                });
            }
        }

        return services.BuildServiceProvider(validateScopes: true);
    }

    private static void WithModelMigrations(DbContextOptionsBuilder options) => options.ReplaceService<IMigrationsAssembly, ModelMigrations>();
}
