using Freehold.Shared;
using Hangfire;
using Hangfire.InMemory;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;

namespace Freehold.Integrations.Hangfire.Tests.Hosting;

/// <summary>The storages that every test of behaviour runs on.</summary>
internal static class JobStorages
{
    // One database for the process, and in it a schema per test class, whose tests run one after the other: making the tables takes its time.
    private static readonly Lazy<Task<string>> Database = new(async () => await (await PostgresServer.GetAsync()).CreateDatabaseAsync());

    /// <summary>The database's own, without the settings of the storages.</summary>
    public static Task<string> ConnectionStringAsync() => Database.Value;

    public static JobStorage InMemory() => new InMemoryStorage();

    public static async Task<JobStorage> PostgresAsync(string schema)
    {
        var options = new PostgreSqlStorageOptions
        {
            SchemaName = schema,
            // A server is woken by what its own process enqueues. Why no long polling: tests/Processes.Host/Jobs/JobHost.cs.
            QueuePollInterval = TimeSpan.FromMilliseconds(500),
        };
        return new PostgreSqlStorage(new NpgsqlConnectionFactory(await Database.Value + ";Maximum Pool Size=40", options), options);
    }
}

/// <summary>One host at a time: each keeps a connection per worker.</summary>
[CollectionDefinition(nameof(OnPostgres))]
public sealed class OnPostgres;
