using Freehold.Core.Data.Connections;
using Microsoft.Extensions.Logging;

namespace Freehold.Core.Data.Probing;

/// <summary>
/// Asks every server at start-up. One that is down does not keep the application from starting: nothing enters it before it has answered.
/// </summary>
internal sealed partial class ServerProbe(DatabaseProvider provider, ILogger<ServerProbe> logger) : IStartupProbe
{
    public Task RunAsync(CancellationToken cancellationToken) =>
        provider.ProbeAsync((server, failure) => Unreachable(logger, server, failure.Message), cancellationToken);

    [LoggerMessage(1411, LogLevel.Warning, "Server {Server} could not be asked whether it keeps tenants apart; it is asked before the first connection to it: {Reason}")]
    private static partial void Unreachable(ILogger logger, string server, string reason);
}
