using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Warning, "Job {JobId} was refused with {Code} and will not be retried: {Reason}")]
    public static partial void JobRefused(ILogger logger, string jobId, string code, string reason);
}
