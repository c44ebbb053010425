using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Warning, "Job {JobId} was refused with {Code} and will not be retried: {Reason}")]
    public static partial void JobRefused(ILogger logger, string jobId, string code, string reason);

    [LoggerMessage(4002, LogLevel.Warning, "The recurring job {RecurringJobId} was due and left out with {Code}: {Reason}")]
    public static partial void RecurringJobSkipped(ILogger logger, string recurringJobId, string code, string reason);
}
