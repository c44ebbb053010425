using Freehold.Operations.Tests.Models;
using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Freehold.Operations.Tests.Hosting;

/// <summary>An application whose role owns nothing, and another role that migrates; with a role per tenant where asked for.</summary>
public sealed class RolesApp : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private RolesApp(ServiceProvider services, string database, string role, string prefix) =>
        (_services, Database, Role, Prefix) = (services, database, role, prefix);

    /// <summary>The administrator's way to the database.</summary>
    public string Database { get; }

    /// <summary>The application's role.</summary>
    public string Role { get; }

    /// <summary>What tenants' roles begin with.</summary>
    public string Prefix { get; }

    public ITenantProvisioner Provisioner => _services.GetRequiredService<ITenantProvisioner>();

    public ITenantOperations Operations => _services.GetRequiredService<ITenantOperations>();
    public ITenantSpares Spares => _services.GetRequiredService<ITenantSpares>();

    public ITenantSeeder Seeder => _services.GetRequiredService<ITenantSeeder>();

    public static async Task<RolesApp> StartAsync(
        Isolation isolation = Isolation.Schema, bool hasRoles = false, bool isPooled = false, string attributes = "NOINHERIT",
        Action<MultiTenancyBuilder>? configure = null)
    {
        var server = await PostgresServer.GetAsync();
        var (database, role, migrator) = (await server.CreateDatabaseAsync(), await server.CreateRoleAsync(attributes), await server.CreateRoleAsync("CREATEDB CREATEROLE"));
        var app = Build(database, role, migrator, isolation, hasRoles, isPooled ? PoolerMode.Transaction : PoolerMode.None, configure);
        await app.SqlAsync($"GRANT CREATE ON DATABASE {new NpgsqlConnectionStringBuilder(database).Database} TO {migrator}");
        return app;
    }

    /// <summary>Runs SQL as the administrator, or as another role.</summary>
    public async Task<object?> SqlAsync(string sql, string? role = null)
    {
        await using var connection = new NpgsqlConnection((role is null ? Database : PostgresServer.As(role, Database)) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public Task<DriftReport> CompareAsync() => _services.GetRequiredService<ITenantDrift>().CompareAsync();

    /// <summary>Starts and stops a host of the same application.</summary>
    public Task ProbeAsync() => _services.GetServices<IHostedService>().OfType<IHostedLifecycleService>().First().StartingAsync(CancellationToken.None);

    public async Task<T> InAsync<T>(string tenant, Func<ShopDb, Task<T>> work)
    {
        await using var context = _services.GetRequiredService<ITenantDbContextFactory<ShopDb>>().Create(
            await _services.GetRequiredService<ITenantStore>().FindAsync(TenantId.Parse(tenant)) ?? new Tenant(tenant));
        return await work(context);
    }

    /// <summary>Frees the id of a tenant that was dropped.</summary>
    public Task ForgetAsync(Tenant tenant) => _services.GetRequiredService<ITenantRegistry>().RemoveAsync(tenant.Id);

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    private static RolesApp Build(
        string database, string role, string migrator, Isolation isolation, bool hasRoles, PoolerMode pooler, Action<MultiTenancyBuilder>? configure)
    {
        var prefix = $"r{Guid.NewGuid().ToString("N")[..8]}_";
        var services = new ServiceCollection().AddMultiTenancy(tenancy =>
        {
            tenancy.UseNpgsql(
                    PostgresServer.As(role, database) + ";Maximum Pool Size=1",
                    server: server =>
                    {
                        server.MigrationConnectionString = PostgresServer.As(migrator, database);
                        server.RolePerTenant = hasRoles;
                        server.Pooler = pooler;
                    })
                .IsolateBy(isolation)
                .ConfigureNaming(naming =>
                {
                    naming.RoleTemplate = prefix + TenantNamingOptions.IdToken;
                    naming.DatabaseTemplate = prefix + TenantNamingOptions.IdToken;
                })
                .AddDbContext<ShopDb>().AddSharedDbContext<GeoDb>().AddOperations();
            configure?.Invoke(tenancy);
        });
        return new(services.BuildServiceProvider(validateScopes: true), database, role, prefix);
    }
}
