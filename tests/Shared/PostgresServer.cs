using Npgsql;

namespace Freehold.Shared;

/// <summary>
/// A real PostgreSQL for tests, the demo and the benchmarks: the one given by <see cref="EnvironmentVariable"/>, else a private
/// throw-away cluster from local binaries, else a container. One per process; what was started ends with the process.
/// </summary>
public sealed class PostgresServer
{
    /// <summary>The environment variable that gives a connection string of a role that may create databases.</summary>
    public const string EnvironmentVariable = "FREEHOLD_POSTGRES";

    /// <summary>The environment variable that says, by 1, that the servers given end with whoever gave them: nothing on them needs clearing.</summary>
    public const string ThrowAwayVariable = AtExit.ThrowAwayVariable;

    private static readonly Lazy<Task<PostgresServer>> Shared = new(FindAsync);

    private readonly bool _given;

    private PostgresServer(string connectionString, string description, bool given = false)
    {
        ConnectionString = connectionString;
        Description = description;
        _given = given;
    }

    /// <summary>Which server was taken, as a line for people; names no password.</summary>
    public string Description { get; }

    /// <summary>The connection string of the server's own database, with a role that may create databases and roles.</summary>
    public string ConnectionString { get; }

    /// <summary>True where it was started here and ends with this process.</summary>
    public bool IsThrowAway => !_given;

    /// <summary>The server of this process; started by the first call.</summary>
    /// <exception cref="ServerMissingException">There is none, and none could be started.</exception>
    public static Task<PostgresServer> GetAsync() => Shared.Value;

    /// <summary>Creates an empty database of a name nobody else has.</summary>
    /// <returns>Its connection string. Idle connections close after ten seconds, so that many databases fit on one server.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"freehold_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        if (_given)
        {
            AtExit.ClearGiven(() => ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }

        return new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            Database = name,
            ConnectionIdleLifetime = 10,
            ConnectionPruningInterval = 5,
        }.ConnectionString;
    }

    /// <summary>Creates a role that can log in, of a name nobody else has, which is its password, too.</summary>
    /// <param name="attributes">What it may besides, such as <c>CREATEROLE</c>.</param>
    public async Task<string> CreateRoleAsync(string attributes = "")
    {
        var name = $"freehold_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE ROLE {name} LOGIN PASSWORD '{name}' {attributes}");
        return name;
    }

    /// <summary>The same way in for a role of <see cref="CreateRoleAsync"/>.</summary>
    public static string As(string role, string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Username = role, Password = role }.ConnectionString;

    private static async Task<PostgresServer> FindAsync()
    {
        if (Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } given)
        {
            return await GivenAsync(given);
        }

        if (LocalPostgres.FindBinaries() is { } binaries)
        {
            return new(await LocalPostgres.StartAsync(binaries), $"PostgreSQL: throw-away cluster from {binaries}");
        }

        return new(await Containers.StartPostgresAsync(), $"PostgreSQL: container {Containers.PostgresImage}");
    }

    private static async Task<PostgresServer> GivenAsync(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            var server = new PostgresServer(connectionString, $"PostgreSQL: {settings.Host}:{settings.Port}, given by {EnvironmentVariable}", true);
            await server.ExecuteAsync("SELECT 1");
            return server;
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            throw new ServerMissingException(
                $"The PostgreSQL given by {EnvironmentVariable} cannot be used ({e.GetType().Name}). Correct the variable, or unset it.", e);
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
