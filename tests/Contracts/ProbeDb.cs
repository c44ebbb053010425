using Freehold.Shared;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Freehold.Contracts;

/// <summary>A tenant's data: one row that says whose it is.</summary>
public sealed class ProbeDb(DbContextOptions<ProbeDb> options) : DbContext(options)
{
    // Few enough that what is left on a connection meets the next tenant.
    private const int MaxConnections = 6;

    private static readonly Lazy<Task<string>> Seeded = new(SeedAsync);

    public DbSet<Probe> Probes => Set<Probe>();

    /// <summary>The database where every active tenant has its schema. One per process: it is only read.</summary>
    public static Task<string> ConnectionStringAsync() => Seeded.Value;

    // By plain SQL, so that what reads the rows has not written them.
    private static async Task<string> SeedAsync()
    {
        var server = await PostgresServer.GetAsync();
        var connectionString = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { MaxPoolSize = MaxConnections }.ConnectionString;
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(string.Concat(ContractTenants.Active.Select(tenant =>
            $"""
            CREATE SCHEMA "tenant_{tenant}";
            CREATE TABLE "tenant_{tenant}"."Probes" ("Id" integer PRIMARY KEY, "Owner" text NOT NULL);
            INSERT INTO "tenant_{tenant}"."Probes" VALUES (1, '{tenant}');
            """)));
        await command.ExecuteNonQueryAsync();
        return connectionString;
    }
}

/// <summary>The row.</summary>
public sealed record Probe(int Id, string Owner);
