using Freehold;
using Freehold.Shared;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace QuickStart.Tour;

/// <summary>Where this run keeps its data and sends its messages: places of its own, gone when it ends.</summary>
internal sealed class Places : IDisposable
{
    private readonly Lazy<DirectoryInfo> _folder = new(() => Directory.CreateTempSubdirectory("freehold-quickstart-"));

    /// <summary>A database of this run's own; null where SQLite was asked for.</summary>
    public string? PostgresConnection { get; private set; }

    /// <summary>A folder of this run's own.</summary>
    public string SqliteDirectory => _folder.Value.FullName;

    /// <summary>A virtual host of this run's own; null where none was asked for.</summary>
    public RabbitVirtualHost? Broker { get; private set; }

    /// <summary>Finds or starts the servers that were asked for, and says which it took.</summary>
    /// <exception cref="ServerMissingException">There is none.</exception>
    public async Task FindAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        var postgres = arguments.Postgres ? PostgresServer.GetAsync() : null;
        var rabbit = arguments.RabbitMq ? RabbitServer.GetAsync() : null;
        if (postgres is not null)
        {
            var server = await postgres.WaitAsync(cancellationToken);
            PostgresConnection = await server.CreateDatabaseAsync();
            Screen.Place("Data, jobs", $"{server.Description}; a schema per tenant");
            Screen.Place("", $"in database {new NpgsqlConnectionStringBuilder(PostgresConnection).Database}");
        }
        else
        {
            Screen.Place("Data", "SQLite, a file per tenant");
            Screen.Place("", $"in {SqliteDirectory}");
            Screen.Place("Jobs", "in memory");
        }

        if (rabbit is not null)
        {
            var server = await rabbit.WaitAsync(cancellationToken);
            Broker = await server.CreateVirtualHostAsync();
            Screen.Place("Messages", server.Description);
        }
        else
        {
            Screen.Place("Messages", "in memory");
        }
    }

    /// <summary>The tenants' data, without Freehold.</summary>
    public Outside FromOutside() => PostgresConnection is null ? Outside.OfSqlite(SqliteDirectory) : Outside.OfPostgres(PostgresConnection);

    public void Dispose()
    {
        if (_folder.IsValueCreated)
        {
            SqliteConnection.ClearAllPools();
            _folder.Value.Delete(recursive: true);
        }
    }
}
