using Npgsql;

namespace Freehold.Shared;

/// <summary>A throw-away PgBouncer on loopback, from this machine's program.</summary>
internal static class LocalPgBouncer
{
    private const int Attempts = 3;

    private static readonly string[] Places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];

    // It refuses to run as root, like PostgreSQL. That it listens is what its first line says.
    private const string Start =
        """
        AS=
        if [ "$(id -u)" = 0 ]; then AS='setpriv --reuid=65534 --regid=65534 --clear-groups --'; chown 65534:65534 . *; fi
        $AS "$BINARY" pgbouncer.ini >pgbouncer.log 2>&1 </dev/null & echo $! >server.pid
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          if grep -q 'process up' pgbouncer.log; then exit 0; fi
          kill -0 "$(cat server.pid)" || break
          sleep 0.1
        done
        cat pgbouncer.log
        exit 1
        """;

    private const string Stop = "kill -KILL \"$(cat server.pid)\"";

    /// <summary>The program; null where there is none.</summary>
    public static string? FindBinary() => !ThrowAwayServer.Supported ? null
        : Environment.GetEnvironmentVariable(PgBouncer.EnvironmentVariable) is { Length: > 0 } given ? given
        : Array.Find(Places, File.Exists);

    /// <summary>Starts one and returns its port, and what ends it.</summary>
    public static async Task<(int Port, Func<Task> End)> StartAsync(NpgsqlConnectionStringBuilder behind, string settings)
    {
        var binary = FindBinary() ?? throw new ServerMissingException(
            $"There is no PgBouncer. Install it (Debian: apt-get install pgbouncer), or name the program by {PgBouncer.EnvironmentVariable}.");
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Take(1)[0];
            try
            {
                var folder = Directory.CreateTempSubdirectory("freehold-pgbouncer-");
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, "users.txt"), $"{Quoted(behind.Username)} {Quoted(behind.Password)}\n");
                await File.WriteAllTextAsync(
                    Path.Combine(folder.FullName, "pgbouncer.ini"),
                    $"""
                    [databases]
                    * = host={behind.Host} port={behind.Port}
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = {port}
                    unix_socket_dir =
                    auth_type = trust
                    auth_file = users.txt
                    {settings}

                    """);
                return (port, await ThrowAwayServer.StartAsync(
                    "PgBouncer", folder, Start, Stop, new Dictionary<string, string> { ["BINARY"] = binary, ["LC_ALL"] = "C" }));
            }
            catch (ServerMissingException) when (attempt < Attempts)
            {
                // Somebody took the port between finding and using it.
            }
        }
    }

    private static string Quoted(string? text) => $"\"{(text ?? "").Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
