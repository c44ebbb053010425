namespace Freehold.Testing.Servers;

/// <summary>A throw-away cluster on loopback, from the binaries of this machine.</summary>
internal static class LocalPostgres
{
    private const int Attempts = 3;

    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres"];

    // Durability is given up: the cluster ends with the process anyway.
    private const string Settings =
        """
        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        fsync = off
        synchronous_commit = off
        full_page_writes = off
        max_connections = 500
        max_locks_per_transaction = 256
        """;

    // PostgreSQL refuses to run as root: user 65534 needs no account.
    private const string Start =
        """
        AS=
        if [ "$(id -u)" = 0 ]; then AS='setpriv --reuid=65534 --regid=65534 --clear-groups --'; chown 65534:65534 .; fi
        $AS "$BINARIES/initdb" -D data -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync &&
          cat settings.conf >>data/postgresql.conf &&
          { $AS "$BINARIES/pg_ctl" -D data -w -t 60 -l server.log start || { tail -n 5 server.log; false; }; }
        """;

    private const string Stop =
        """
        AS=
        if [ "$(id -u)" = 0 ]; then AS='setpriv --reuid=65534 --regid=65534 --clear-groups --'; fi
        $AS "$BINARIES/pg_ctl" -D data -w -m immediate stop
        """;

    /// <summary>The folder of initdb, pg_ctl and postgres: the newest of Debian's, else from PATH; null where there is none.</summary>
    public static string? FindBinaries()
    {
        if (!ThrowAwayServer.Supported)
        {
            return null;
        }

        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var debian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return debian
            .OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var version) ? version : 0)
            .Select(d => Path.Combine(d, "bin"))
            .Concat(path)
            .FirstOrDefault(d => Needed.All(name => File.Exists(Path.Combine(d, name))));
    }

    /// <summary>Starts a cluster and returns the connection string of its superuser.</summary>
    public static async Task<string> StartAsync(string binaries)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Take(1)[0];
            try
            {
                var folder = Directory.CreateTempSubdirectory("freehold-postgres-");
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, "settings.conf"), $"{Settings}\nport = {port}\n").ConfigureAwait(false);
                await ThrowAwayServer.StartAsync(
                    "PostgreSQL", folder, Start, Stop, new Dictionary<string, string> { ["BINARIES"] = binaries, ["LC_ALL"] = "C" }).ConfigureAwait(false);
                return $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";
            }
            catch (ServerMissingException) when (attempt < Attempts)
            {
                // Somebody took the port between finding and using it.
            }
        }
    }
}
