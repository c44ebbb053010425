using System.Diagnostics;

namespace Freehold.Testing.Servers;

/// <summary>
/// A server in a temporary folder that ends with this process, however this process ends: a shell of its own session starts it,
/// waits for the end of its standard input, which the system closes with us (also on kill -9), stops the server and removes the folder.
/// </summary>
internal static class ThrowAwayServer
{
    private const string Script =
        """
        trap '' HUP INT TERM
        cd "$FREEHOLD_FOLDER" || exit 1
        if ( eval "$FREEHOLD_START" ) >start.log 2>&1 </dev/null; then echo ready; else echo failed; tail -n 20 start.log; fi
        cat >/dev/null
        ( eval "$FREEHOLD_STOP" ) >/dev/null 2>&1
        cd / && rm -rf "$FREEHOLD_FOLDER"
        """;

    /// <summary>Whether this machine can: Linux, with util-linux.</summary>
    public static bool Supported => OperatingSystem.IsLinux() && File.Exists("/usr/bin/setsid") && File.Exists("/usr/bin/setpriv");

    /// <summary>Runs the two shell commands in <paramref name="folder"/>: now, and when this process has ended.</summary>
    /// <returns>What ends it before this process ends.</returns>
    /// <exception cref="ServerMissingException">The start failed; the message ends with what it wrote.</exception>
    public static async Task<Func<Task>> StartAsync(
        string name, DirectoryInfo folder, string start, string stop, IReadOnlyDictionary<string, string> environment)
    {
        var info = new ProcessStartInfo("/usr/bin/setsid", ["/bin/sh", "-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (key, value) in environment)
        {
            info.Environment[key] = value;
        }

        info.Environment["FREEHOLD_FOLDER"] = folder.FullName;
        info.Environment["FREEHOLD_START"] = start;
        info.Environment["FREEHOLD_STOP"] = stop;
        var shell = Process.Start(info) ?? throw new ServerMissingException($"{name}: /bin/sh did not start.");
        AtExit.Run(() => EndAsync(shell));
        if (await shell.StandardOutput.ReadLineAsync().ConfigureAwait(false) != "ready")
        {
            shell.StandardInput.Close();
            throw new ServerMissingException($"{name} did not start: {(await shell.StandardOutput.ReadToEndAsync().ConfigureAwait(false)).Trim()}");
        }

        return () => EndAsync(shell);
    }

    private static Task EndAsync(Process shell)
    {
        shell.StandardInput.Close();
        return shell.WaitForExitAsync();
    }
}
