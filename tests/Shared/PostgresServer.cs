using Npgsql;

namespace Freehold.Shared;

/// <summary>The PostgreSQL of this repository's tests, demo and benchmarks: that of Freehold.Testing (<see cref="TestPostgres"/>).</summary>
public sealed class PostgresServer
{
    /// <summary>The environment variable that gives a connection string of a role that may create databases.</summary>
    public const string EnvironmentVariable = TestPostgres.EnvironmentVariable;

    /// <summary>The environment variable that says, by 1, that the servers given end with whoever gave them: nothing on them needs clearing.</summary>
    public const string ThrowAwayVariable = AtExit.ThrowAwayVariable;

    private readonly TestPostgres _server;

    private PostgresServer(TestPostgres server) => _server = server;

    /// <summary>Which server was taken, as a line for people; names no password.</summary>
    public string Description => _server.Description;

    /// <summary>The connection string of the server's own database, with a role that may create databases and roles.</summary>
    public string ConnectionString => _server.ConnectionString;

    /// <summary>True where it was started here and ends with this process.</summary>
    public bool IsThrowAway => _server.IsThrowAway;

    /// <summary>The server of this process; started by the first call.</summary>
    /// <exception cref="ServerMissingException">There is none, and none could be started.</exception>
    public static async Task<PostgresServer> GetAsync() => new(await TestPostgres.GetAsync());

    /// <summary>Creates an empty database of a name nobody else has.</summary>
    /// <returns>Its connection string. Idle connections close after ten seconds, so that many databases fit on one server.</returns>
    public Task<string> CreateDatabaseAsync() => _server.CreateDatabaseAsync();

    /// <summary>Creates a role that can log in, of a name nobody else has, which is its password, too.</summary>
    /// <param name="attributes">What it may besides, such as <c>CREATEROLE</c>.</param>
    public async Task<string> CreateRoleAsync(string attributes = "")
    {
        var name = $"freehold_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE ROLE {name} LOGIN PASSWORD '{name}' {attributes}", connection);
        await command.ExecuteNonQueryAsync();
        return name;
    }

    /// <summary>The same way in for a role of <see cref="CreateRoleAsync"/>.</summary>
    public static string As(string role, string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Username = role, Password = role }.ConnectionString;
}
