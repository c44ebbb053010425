namespace Freehold.Shared;

/// <summary>A throw-away node on loopback, from the binaries of this machine.</summary>
internal static class LocalRabbit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private static readonly string[] Places = ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server"];

    // A session of its own, so that the node and its script end together.
    private const string Start = "setsid \"$BINARY\" & echo $! >server.pid";

    // Erlang's port mapper makes itself a daemon and refuses to end while it believes the node to be alive.
    private const string Stop = "kill -KILL -$(cat server.pid); for _ in 1 2 3 4 5 6 7 8 9 10; do epmd -kill && break; sleep 0.2; done";

    /// <summary>The server script itself, not the wrapper on PATH that changes the user; null where there is none.</summary>
    public static string? FindBinary() => ThrowAwayServer.Supported ? Array.Find(Places, File.Exists) : null;

    /// <summary>Starts a node and returns it in the form that <see cref="RabbitServer.EnvironmentVariable"/> has.</summary>
    public static async Task<Uri> StartAsync(string binary)
    {
        var ports = FreePort.Take(4);
        var folder = Directory.CreateTempSubdirectory("freehold-rabbitmq-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "plugins"), "[rabbitmq_management].\n");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "rabbitmq.conf"),
            $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {ports[1]}\n");
        await ThrowAwayServer.StartAsync("RabbitMQ", folder, Start, Stop, Settings(binary, folder.FullName, ports));
        var uri = new Uri($"amqp://guest:guest@127.0.0.1:{ports[0]}?management={ports[1]}");
        await WaitAsync(new RabbitManagement(uri), folder.FullName);
        return uri;
    }

    private static Dictionary<string, string> Settings(string binary, string folder, int[] ports) => new()
    {
        ["BINARY"] = binary,
        ["HOME"] = folder,
        ["RABBITMQ_NODENAME"] = $"freehold-{ports[0]}@localhost",
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = $"{ports[0]}",
        ["RABBITMQ_DIST_PORT"] = $"{ports[2]}",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "node.pid"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "plugins"),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["ERL_EPMD_PORT"] = $"{ports[3]}",
    };

    private static async Task WaitAsync(RabbitManagement management, string folder)
    {
        var process = $"/proc/{(await File.ReadAllTextAsync(Path.Combine(folder, "server.pid"))).Trim()}";
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!await management.AnswersAsync())
        {
            if (Environment.TickCount64 > deadline || !Directory.Exists(process))
            {
                var log = await File.ReadAllTextAsync(Path.Combine(folder, "start.log"));
                throw new ServerMissingException($"RabbitMQ did not start, or not within {Patience.TotalSeconds} s: {log}");
            }

            await Task.Delay(Interval);
        }
    }
}
