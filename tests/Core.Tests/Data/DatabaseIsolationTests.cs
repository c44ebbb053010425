using Freehold.Core.Data.Connections;
using Freehold.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Data;

/// <summary>A database of its own for each tenant: on PostgreSQL with few data sources open, on SQLite a file.</summary>
public sealed class DatabaseIsolationTests
{
    [Fact]
    public async Task Each_tenant_on_PostgreSQL_has_its_own_database_and_idle_data_sources_are_closed()
    {
        var connectionString = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        var prefix = $"d{Guid.NewGuid():N}"[..12];
        var tenants = Enumerable.Range(0, 5).Select(i => new Tenant($"{prefix}-{i}")).ToArray();
        await using var services = TenantWorld.Build(connectionString, Isolation.Database, tenants, tenancy => tenancy.Configure(options => options.MaxDataSources = 2));
        foreach (var tenant in tenants)
        {
            await ExecuteAsync(connectionString, $"CREATE DATABASE \"tenant_{tenant.Id}\"");
            var own = new NpgsqlConnectionStringBuilder(connectionString) { Database = $"tenant_{tenant.Id}" }.ConnectionString;
            await ExecuteAsync(own, TenantWorld.Tables("public", tenant.Id.Value, 2, 1));
        }

        var factory = services.GetRequiredService<ITenantDbContextFactory<PlainDb>>();
        var provider = (NpgsqlProvider)services.GetRequiredService<DatabaseProvider>();
        await using (var held = factory.Create(tenants[0]))
        {
            foreach (var tenant in tenants.Concat(tenants))
            {
                await using var db = factory.Create(tenant);
                (await db.Orders.Include(order => order.Lines).Select(order => order.Owner).ToListAsync()).ShouldBe([tenant.Id.Value, tenant.Id.Value]);
                (await db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).CountAsync(order => order.Owner == tenant.Id.Value)).ShouldBe(2);
                provider.OwnDataSources.ShouldBeLessThanOrEqualTo(3);
            }

            (await held.Orders.CountAsync()).ShouldBe(2, "a data source in use is never closed");
        }

        provider.OwnDataSources.ShouldBe(2);
    }

    [Fact]
    public async Task A_missing_database_makes_its_tenant_unavailable()
    {
        var connectionString = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var services = TenantWorld.Build(connectionString, Isolation.Database, []);
        await using var db = services.GetRequiredService<ITenantDbContextFactory<PlainDb>>().Create(new Tenant("ghost"));
        var refused = await Should.ThrowAsync<TenantUnavailableException>(() => db.Orders.ToListAsync());
        refused.Message.ShouldContain("tenant_ghost");
        refused.Message.ShouldContain("Provision");
    }

    [Fact]
    public async Task Each_tenant_on_SQLite_has_its_own_file_and_a_missing_one_is_not_made()
    {
        var directory = Directory.CreateTempSubdirectory("freehold-").FullName;
        var services = new ServiceCollection();
        services.AddMultiTenancy(tenancy => tenancy.UseSqlite(directory).UseTenants(new Tenant("acme"), new Tenant("globex")).AddDbContext<PlainDb>());
        await using (var provider = services.BuildServiceProvider())
        {
            foreach (var tenant in new[] { "acme", "globex" })
            {
                await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, tenant)}.db;Pooling=false");
                await connection.OpenAsync();
                await using var command = connection.CreateCommand();
                command.CommandText = $"""
                    CREATE TABLE "Orders" ("Id" INTEGER PRIMARY KEY, "Owner" TEXT NOT NULL, "Version" INTEGER NOT NULL);
                    CREATE TABLE "Line" ("Id" INTEGER PRIMARY KEY, "Owner" TEXT NOT NULL, "OrderId" INTEGER NOT NULL, "ProductId" INTEGER);
                    INSERT INTO "Orders" VALUES (1, '{tenant}', 0);
                    """;
                await command.ExecuteNonQueryAsync();
            }

            var factory = provider.GetRequiredService<ITenantDbContextFactory<PlainDb>>();
            foreach (var tenant in new[] { "acme", "globex", "acme" })
            {
                await using var db = factory.Create(new Tenant(tenant));
                (await db.Orders.Select(order => order.Owner).ToListAsync()).ShouldBe([tenant]);
                (await db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).CountAsync()).ShouldBe(1);
                db.Add(new Order { Id = 2, Owner = tenant });
                (await db.SaveChangesAsync()).ShouldBe(1);
                (await db.Orders.Where(order => order.Id == 2).ExecuteDeleteAsync()).ShouldBe(1);
            }

            await using var ghost = factory.Create(new Tenant("ghost"));
            await Should.ThrowAsync<TenantUnavailableException>(() => ghost.Orders.ToListAsync());
            File.Exists(Path.Combine(directory, "ghost.db")).ShouldBeFalse();
        }

        SqliteConnection.ClearAllPools();
        Directory.Delete(directory, recursive: true);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
