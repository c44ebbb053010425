using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.MassTransit;

internal static partial class Log
{
    [LoggerMessage(3101, LogLevel.Warning, "Message {MessageId} on {InputAddress} was refused with {Code}: {Reason}")]
    public static partial void Refused(ILogger logger, Guid? messageId, Uri? inputAddress, string code, string reason);
}
