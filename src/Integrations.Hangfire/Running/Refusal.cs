using Freehold.Integrations.Hangfire.Hosts;
using Hangfire.States;

namespace Freehold.Integrations.Hangfire.Running;

/// <summary>A refusal does not pass by waiting: the job fails at once, is there to be seen, and can be requeued.</summary>
internal static class Refusal
{
    public static void Elect(ElectStateContext context)
    {
        if (context.CandidateState is FailedState failed && Find(failed.Exception) is { } refusal)
        {
            context.CandidateState = new RefusedState(failed, refusal);
            if (TenantHosts.Find(context.Storage) is { } host)
            {
                Log.JobRefused(host.Logger, context.BackgroundJob.Id, refusal.Code, refusal.Message);
            }
        }
    }

    private static TenantException? Find(Exception? exception)
    {
        while (exception is not (null or TenantException))
        {
            exception = exception.InnerException;
        }

        return exception is TenantException { IsRetryable: false } refusal ? refusal : null;
    }
}
