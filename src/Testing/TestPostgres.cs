using Freehold.Testing.Servers;
using Npgsql;

namespace Freehold;

/// <summary>
/// A real PostgreSQL for tests: the one given by <see cref="EnvironmentVariable"/>, else a private
/// throw-away cluster from local binaries, else a container. One per process; what was started ends with the process.
/// </summary>
public sealed class TestPostgres
{
    /// <summary>The environment variable that gives a connection string of a role that may create databases and roles.</summary>
    public const string EnvironmentVariable = "FREEHOLD_POSTGRES";

    private static readonly Lazy<Task<TestPostgres>> Shared = new(FindAsync);

    private readonly bool _given;

    private TestPostgres(string connectionString, string description, bool given = false)
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
    public static Task<TestPostgres> GetAsync() => Shared.Value;

    /// <summary>Creates an empty database of a name nobody else has.</summary>
    /// <returns>Its connection string. Idle connections close after ten seconds, so that many databases fit on one server.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"freehold_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'").ConfigureAwait(false);
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

    /// <summary>Creates a role that may log in and nothing else, of a name nobody else has. Create its database afterwards, which is dropped before it.</summary>
    internal async Task<(string Name, string Password)> CreateRoleAsync()
    {
        var (name, password) = ($"freehold_{Guid.NewGuid():N}", $"{Guid.NewGuid():N}");
        await ExecuteAsync($"CREATE ROLE {name} LOGIN PASSWORD '{password}'").ConfigureAwait(false);
        if (_given)
        {
            AtExit.ClearGiven(() => ExecuteAsync($"DROP ROLE IF EXISTS {name}"));
        }

        return (name, password);
    }

    private static async Task<TestPostgres> FindAsync()
    {
        if (Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } given)
        {
            return await GivenAsync(given).ConfigureAwait(false);
        }

        if (LocalPostgres.FindBinaries() is { } binaries)
        {
            return new(await LocalPostgres.StartAsync(binaries).ConfigureAwait(false), $"PostgreSQL: throw-away cluster from {binaries}");
        }

        return new(await PostgresContainer.StartAsync().ConfigureAwait(false), $"PostgreSQL: container {PostgresContainer.Image}");
    }

    private static async Task<TestPostgres> GivenAsync(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            var server = new TestPostgres(connectionString, $"PostgreSQL: {settings.Host}:{settings.Port}, given by {EnvironmentVariable}", true);
            await server.ExecuteAsync("SELECT 1").ConfigureAwait(false);
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
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await using var closing = connection.ConfigureAwait(false);
        await connection.OpenAsync().ConfigureAwait(false);
        var command = new NpgsqlCommand(sql, connection);
        await using var disposing = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }
}
