using Freehold.Benchmarks.Tenancy;
using Freehold.Shared;
using Npgsql;

namespace Freehold.Benchmarks.Fairness;

/// <summary>A database with a schema of twenty empty tables, each with a key, for each of many tenants.</summary>
internal sealed class WideDatabase
{
    public const int Tables = 20;

    /// <summary>Asks each table of the schema that is on the search path.</summary>
    public static readonly string Visit = "SELECT " + string.Join(" + ", Enumerable.Range(1, Tables).Select(i => $"(SELECT count(*) FROM t{i:00} WHERE id = 1)"));

    private WideDatabase(string connectionString, int tenants)
    {
        ConnectionString = connectionString;
        Tenants = [.. Enumerable.Range(0, tenants).Select(i => new Tenant($"t{i:00000}"))];
    }

    public string ConnectionString { get; }

    public IReadOnlyList<Tenant> Tenants { get; }

    public static async Task<WideDatabase> CreateAsync(int tenants)
    {
        var settings = new NpgsqlConnectionStringBuilder(await (await PostgresServer.GetAsync()).CreateDatabaseAsync())
        {
            // A backend that ends by itself would take its memory along.
            ConnectionIdleLifetime = 3600,
            ConnectionPruningInterval = 3600,
            CommandTimeout = 1200,
        };
        var database = new WideDatabase(settings.ConnectionString, tenants);
        await using var connection = await database.OpenAsync();
        await using var command = new NpgsqlCommand(Make(tenants), connection);
        await command.ExecuteNonQueryAsync();
        return database;
    }

    /// <summary>A connection string with a pool of its own.</summary>
    public string Pool(string name) => new NpgsqlConnectionStringBuilder(ConnectionString) { ApplicationName = name, MaxPoolSize = TenantDatabase.PoolSize }.ConnectionString;

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    // A lock is held to the end of a transaction, and there is room for so many only.
    private static string Make(int tenants) => Units.Text(
        $"""
        DO $make$
        BEGIN
          FOR tenant IN 0..{tenants - 1} LOOP
            EXECUTE format('CREATE SCHEMA %I', 'tenant_t' || lpad(tenant::text, 5, '0'));
            FOR i IN 1..{Tables} LOOP
              EXECUTE format('CREATE TABLE %I.%I (id int PRIMARY KEY, owner varchar(40) NOT NULL, total int NOT NULL)',
                'tenant_t' || lpad(tenant::text, 5, '0'), 't' || lpad(i::text, 2, '0'));
            END LOOP;
            IF tenant % 20 = 19 THEN
              COMMIT;
            END IF;
          END LOOP;
        END $make$
        """);
}
