namespace Freehold.Shared;

/// <summary>
/// A real RabbitMQ for tests and the demo: the one given by <see cref="EnvironmentVariable"/>, else a private throw-away node from
/// local binaries, else a container. One per process; what was started ends with the process.
/// </summary>
public sealed class RabbitServer
{
    /// <summary>
    /// The environment variable that gives a broker: <c>amqp://user:password@host:5672?management=15672</c>. The port behind
    /// <c>management</c> is where its management plugin listens (default: 15672); virtual hosts are created there.
    /// </summary>
    public const string EnvironmentVariable = "FREEHOLD_RABBITMQ";

    private static readonly Lazy<Task<RabbitServer>> Shared = new(FindAsync);

    private readonly RabbitManagement _management;
    private readonly bool _given;

    private RabbitServer(Uri uri, string description, bool given = false)
    {
        Uri = uri;
        Description = description;
        _management = new(uri);
        _given = given;
    }

    /// <summary>Which broker was taken, as a line for people; names no password.</summary>
    public string Description { get; }

    /// <summary>The broker as <see cref="EnvironmentVariable"/> would give it.</summary>
    public Uri Uri { get; }

    /// <summary>True where it was started here and ends with this process.</summary>
    public bool IsThrowAway => !_given;

    /// <summary>The broker of this process; started by the first call.</summary>
    /// <exception cref="ServerMissingException">There is none, and none could be started.</exception>
    public static Task<RabbitServer> GetAsync() => Shared.Value;

    /// <summary>Creates an empty virtual host of a name nobody else has.</summary>
    public async Task<RabbitVirtualHost> CreateVirtualHostAsync()
    {
        var name = $"freehold-{Guid.NewGuid():N}";
        await _management.CreateVirtualHostAsync(name);
        if (_given)
        {
            AtExit.ClearGiven(() => _management.DeleteVirtualHostAsync(name));
        }

        return new(Uri.Host, (ushort)Uri.Port, name, _management.User, _management.Password);
    }

    private static async Task<RabbitServer> FindAsync()
    {
        if (Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } given)
        {
            return await GivenAsync(given);
        }

        if (LocalRabbit.FindBinary() is { } binary)
        {
            return new(await LocalRabbit.StartAsync(binary), $"RabbitMQ: throw-away node from {binary}");
        }

        return new(await Containers.StartRabbitAsync(), $"RabbitMQ: container {Containers.RabbitImage}");
    }

    private static async Task<RabbitServer> GivenAsync(string given)
    {
        if (!Uri.TryCreate(given, UriKind.Absolute, out var uri) || uri is not { Scheme: "amqp", Port: > 0 })
        {
            throw new ServerMissingException(
                $"{EnvironmentVariable} is not of the form amqp://user:password@host:5672?management=15672. Correct it, or unset it.");
        }

        var server = new RabbitServer(uri, $"RabbitMQ: {uri.Host}:{uri.Port}, given by {EnvironmentVariable}", true);
        return await server._management.AnswersAsync()
            ? server
            : throw new ServerMissingException(
                $"The RabbitMQ given by {EnvironmentVariable} does not answer on its management port, or does not know the user. " +
                "Enable its plugin rabbitmq_management, correct the variable, or unset it.");
    }
}
