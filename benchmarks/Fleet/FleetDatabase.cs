using Freehold.Shared;
using Npgsql;

namespace Freehold.Benchmarks.Fleet;

/// <summary>A database with an empty schema for each of many tenants.</summary>
internal sealed class FleetDatabase
{
    private FleetDatabase(string connectionString, int tenants)
    {
        ConnectionString = connectionString;
        Tenants = [.. Enumerable.Range(0, tenants).Select(i => new Tenant($"t{i:00000}"))];
    }

    /// <summary>How many connections <see cref="ConnectionsAsync"/> makes itself, and <see cref="ServerTree"/>.</summary>
    public const int Watchers = 2;

    public string ConnectionString { get; }

    public string Name => new NpgsqlConnectionStringBuilder(ConnectionString).Database!;

    public IReadOnlyList<Tenant> Tenants { get; }

    public static string Schema(Tenant tenant) => $"tenant_{tenant.Id}";

    /// <summary>With <paramref name="statements"/> run in each schema, in which <c>%1$I</c> stands for its name.</summary>
    public static async Task<FleetDatabase> CreateAsync(int tenants, string statements = "")
    {
        var settings = new NpgsqlConnectionStringBuilder(await (await PostgresServer.GetAsync()).CreateDatabaseAsync()) { CommandTimeout = 1200, MaxPoolSize = 20 };
        var database = new FleetDatabase(settings.ConnectionString, tenants);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(Units.Text(
            $"""
            DO $make$
            BEGIN
              FOR i IN 0..{tenants - 1} LOOP
                EXECUTE format('CREATE SCHEMA %1$I; ' || $each${statements}$each$, 'tenant_t' || lpad(i::text, 5, '0'));
                IF i % 200 = 199 THEN
                  COMMIT;
                END IF;
              END LOOP;
            END $make$
            """));
        await command.ExecuteNonQueryAsync();
        return database;
    }

    /// <summary>The largest number of connections while something runs.</summary>
    public async Task<int> ConnectionsAsync(Task running)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'", connection);
        var most = 0;
        while (!running.IsCompleted)
        {
            most = Math.Max(most, (int)(await command.ExecuteScalarAsync())!);
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(50)));
        }

        await running;
        return most;
    }
}
