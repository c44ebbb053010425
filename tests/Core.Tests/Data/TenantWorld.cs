using Freehold.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Data;

/// <summary>
/// An application on a PostgreSQL database of its own, with tenants whose rows are stamped with their owner. The tables are written here
/// by hand and by name, so that what Freehold reads is compared with something that Freehold did not write.
/// </summary>
public sealed class TenantWorld : IAsyncDisposable
{
    private TenantWorld(string connectionString, ServiceProvider services, IReadOnlyList<Tenant> tenants)
    {
        ConnectionString = connectionString;
        Services = services;
        Tenants = tenants;
    }

    public string ConnectionString { get; }

    public ServiceProvider Services { get; }

    public IReadOnlyList<Tenant> Tenants { get; }

    public Tenant A => Tenants[0];

    public Tenant B => Tenants[1];

    /// <summary>A world of that mix; its orders have two lines.</summary>
    public static Task<TenantWorld> CreateAsync(
        Mix mix, int tenants, int orders = 0, int maxPoolSize = 20, Action<DbContextOptionsBuilder>? options = null)
    {
        var lines = orders == 0 ? 0 : 2;
        return mix == Mix.Schema
            ? SchemasAsync(tenants, orders, lines, maxPoolSize, options: options)
            : RowsAsync(tenants, orders, lines, maxPoolSize, options: options, isHybrid: mix == Mix.Hybrid);
    }

    public static async Task<TenantWorld> SchemasAsync(
        int tenants = 2, int orders = 3, int linesPerOrder = 2, int maxPoolSize = 20, Action<MultiTenancyBuilder>? configure = null, Action<DbContextOptionsBuilder>? options = null)
    {
        var server = await PostgresServer.GetAsync();
        var connectionString = await server.CreateDatabaseAsync() + $";Maximum Pool Size={maxPoolSize}";
        var all = Enumerable.Range(0, tenants).Select(i => new Tenant($"t-{i:00}")).ToArray();
        var world = new TenantWorld(connectionString, Build(connectionString, Isolation.Schema, all, configure, options), all);
        await world.ExecuteAsync("""
            CREATE SCHEMA shared;
            CREATE TABLE shared."Products" ("Id" int PRIMARY KEY, "Name" text NOT NULL);
            INSERT INTO shared."Products" VALUES (1, 'apple'), (2, 'pear');
            CREATE TABLE public."Orders" ("Id" int, "Owner" text, "Version" int);
            INSERT INTO public."Orders" VALUES (1, 'public', 0);
            """);
        foreach (var tenant in all)
        {
            await world.ExecuteAsync(Tables($"\"tenant_{tenant.Id}\"", tenant.Id.Value, orders, linesPerOrder));
        }

        return world;
    }

    /// <summary>
    /// The same with the rows of all tenants in one schema, under policies, and for the application a role that they bind. What a test reads and
    /// writes from outside has the same names as with a schema each: views of the tenant's rows, which only the owner can see.
    /// </summary>
    public static async Task<TenantWorld> RowsAsync(
        int tenants = 2, int orders = 3, int linesPerOrder = 2, int maxPoolSize = 20, Action<MultiTenancyBuilder>? configure = null, Action<DbContextOptionsBuilder>? options = null,
        bool isHybrid = false)
    {
        var connectionString = await (await PostgresServer.GetAsync()).CreateDatabaseAsync() + $";Maximum Pool Size={maxPoolSize}";
        var role = $"freehold_app_{Guid.NewGuid():N}";
        var all = Enumerable.Range(0, tenants)
            .Select(i => new Tenant($"t-{i:00}") { Placement = isHybrid && i % 2 == 1 ? new TenantPlacement(Isolation.Schema) : null }).ToArray();
        var application = new NpgsqlConnectionStringBuilder(connectionString) { Username = role, Password = "app" }.ConnectionString;
        var world = new TenantWorld(connectionString, Build(application, Isolation.Row, all, configure, options), all);
        await world.ExecuteAsync($"""
            CREATE ROLE {role} LOGIN PASSWORD 'app';
            CREATE SCHEMA shared;
            CREATE TABLE shared."Products" ("Id" int PRIMARY KEY, "Name" text NOT NULL);
            INSERT INTO shared."Products" VALUES (1, 'apple'), (2, 'pear');
            {RowTables}
            {Policy("Orders")}
            {Policy("Line")}
            GRANT USAGE ON SCHEMA tenants, shared TO {role};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenants, shared TO {role};
            """);
        foreach (var tenant in all)
        {
            if (tenant.Placement is not null)
            {
                var schema = $"\"tenant_{tenant.Id}\"";
                await world.ExecuteAsync($"""
                    {RowTables.Replace("tenants", schema, StringComparison.Ordinal)}
                    SET app.tenant_id TO '{tenant.Id}';
                    {Rows(schema, tenant.Id.Value, orders, linesPerOrder)}
                    GRANT USAGE ON SCHEMA {schema} TO {role};
                    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
                    SELECT setval(pg_get_serial_sequence('{schema}."Orders"', 'Id'), {orders + 1}, false);
                    """);
                continue;
            }

            await world.ExecuteAsync($"""
                CREATE SCHEMA "tenant_{tenant.Id}";
                CREATE VIEW "tenant_{tenant.Id}"."Orders" AS SELECT * FROM tenants."Orders" WHERE tenant_id = '{tenant.Id}';
                CREATE VIEW "tenant_{tenant.Id}"."Line" AS SELECT * FROM tenants."Line" WHERE tenant_id = '{tenant.Id}';
                ALTER VIEW "tenant_{tenant.Id}"."Orders" ALTER tenant_id SET DEFAULT '{tenant.Id}';
                ALTER VIEW "tenant_{tenant.Id}"."Line" ALTER tenant_id SET DEFAULT '{tenant.Id}';
                {Rows($"\"tenant_{tenant.Id}\"", tenant.Id.Value, orders, linesPerOrder)}
                """);
        }

        await world.ExecuteAsync($"""SELECT setval(pg_get_serial_sequence('tenants."Orders"', 'Id'), {orders + 1}, false)""");
        return world;
    }

    public static string Policy(string table) => $"""
        ALTER TABLE tenants."{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY freehold_tenant ON tenants."{table}"
            USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), ''))) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')));
        """;

    public static ServiceProvider Build(
        string connectionString, Isolation isolation, Tenant[] tenants, Action<MultiTenancyBuilder>? configure = null, Action<DbContextOptionsBuilder>? options = null)
    {
        var services = new ServiceCollection();
        services.AddMultiTenancy(tenancy =>
        {
            tenancy.UseNpgsql(connectionString).IsolateBy(isolation).UseTenants(tenants).AddDbContext<PlainDb>(options).AddSharedDbContext<CatalogDb>();
            if (isolation != Isolation.Database)
            {
                tenancy.AddDbContext<ShopDb>(options);
            }

            configure?.Invoke(tenancy);
        });
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    public static string Tables(string schema, string owner, int orders, int linesPerOrder) => $"""
        CREATE SCHEMA IF NOT EXISTS {schema};
        CREATE TABLE {schema}."Orders" ("Id" int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "Owner" text NOT NULL, "Version" int NOT NULL DEFAULT 0);
        CREATE TABLE {schema}."Line" ("Id" int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "Owner" text NOT NULL, "OrderId" int NOT NULL REFERENCES {schema}."Orders" ON DELETE CASCADE, "ProductId" int);
        {Rows(schema, owner, orders, linesPerOrder)}
        SELECT setval(pg_get_serial_sequence('{schema}."Orders"', 'Id'), {orders + 1}, false);
        """;

    private const string RowTables = """
        CREATE SCHEMA tenants;
        CREATE TABLE tenants."Orders" (
            tenant_id varchar(63) NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), ''), "Id" int GENERATED BY DEFAULT AS IDENTITY, "Owner" text NOT NULL,
            "Version" int NOT NULL DEFAULT 0, PRIMARY KEY (tenant_id, "Id"));
        CREATE TABLE tenants."Line" (
            tenant_id varchar(63) NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), ''), "Id" int GENERATED BY DEFAULT AS IDENTITY, "Owner" text NOT NULL,
            "OrderId" int NOT NULL, "ProductId" int, PRIMARY KEY (tenant_id, "Id"),
            FOREIGN KEY (tenant_id, "OrderId") REFERENCES tenants."Orders" (tenant_id, "Id") ON DELETE CASCADE);
        """;

    private static string Rows(string schema, string owner, int orders, int linesPerOrder) => $"""
        INSERT INTO {schema}."Orders" ("Id", "Owner") SELECT i, '{owner}' FROM generate_series(1, {orders}) i;
        INSERT INTO {schema}."Line" ("Owner", "OrderId", "ProductId") SELECT '{owner}', i, 1 + j % 2 FROM generate_series(1, {orders}) i, generate_series(1, {linesPerOrder}) j;
        """;

    /// <summary>The same tables under another application.</summary>
    public TenantWorld With(ServiceProvider services) => new(ConnectionString, services, Tenants);

    public ITenantDbContextFactory<TContext> Factory<TContext>() where TContext : DbContext =>
        Services.GetRequiredService<ITenantDbContextFactory<TContext>>();

    /// <summary>Runs SQL outside Freehold, on a connection of its own.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The owners and counts of a tenant's rows, read outside Freehold.</summary>
    public async Task<string> OwnersAsync(Tenant tenant, string table = "Orders")
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"SELECT coalesce(string_agg(\"Owner\" || '=' || n, ',' ORDER BY \"Owner\"), '') FROM (SELECT \"Owner\", count(*) n FROM \"tenant_{tenant.Id}\".\"{table}\" GROUP BY 1) x",
            connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync() => await Services.DisposeAsync();
}

/// <summary>What the tenants of one application are isolated by. A database each cannot join shared tables, which these do.</summary>
public enum Mix
{
    Schema,
    Row,

    /// <summary>By row, and every other one by a schema of its own.</summary>
    Hybrid,
}
