using Npgsql;

namespace Freehold.Shared;

/// <summary>
/// A real PgBouncer of one's own in front of a server of tests: a private throw-away process from this machine's program, that lets one role
/// in and gives it few sessions. Ends when it is disposed, and with this process.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    /// <summary>The environment variable that names the program, where it is not among the usual places.</summary>
    public const string EnvironmentVariable = "FREEHOLD_PGBOUNCER";

    private readonly Func<Task> _end;

    private PgBouncer(string connectionString, Func<Task> end)
    {
        ConnectionString = connectionString;
        _end = end;
    }

    /// <summary>True where there is no program to start.</summary>
    public static bool IsMissing => LocalPgBouncer.FindBinary() is null;

    /// <summary>The way through it: the connection string it was started for, with its own host and port.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts one.</summary>
    /// <param name="connectionString">The database and the role behind it; every other database of that server can be had, too.</param>
    /// <param name="sessions">How many sessions it opens to a database at most.</param>
    /// <param name="mode">PgBouncer's pool mode.</param>
    /// <param name="settings">Further lines of its section <c>[pgbouncer]</c>.</param>
    /// <exception cref="ServerMissingException">There is no PgBouncer, or it did not start.</exception>
    public static async Task<PgBouncer> StartAsync(string connectionString, int sessions = 1, string mode = "transaction", string settings = "")
    {
        var behind = new NpgsqlConnectionStringBuilder(connectionString);
        var (port, end) = await LocalPgBouncer.StartAsync(
            behind, $"pool_mode = {mode}\ndefault_pool_size = {sessions}\n{settings}");
        var way = new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = port };
        return new(way.ConnectionString, end);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _end();
}
