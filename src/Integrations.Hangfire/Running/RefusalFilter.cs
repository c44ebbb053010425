using Freehold.Integrations.Hangfire.Hosts;
using Hangfire.Common;
using Hangfire.States;

namespace Freehold.Integrations.Hangfire.Running;

/// <summary>A refusal does not pass by waiting: the job fails at once, is there to be seen, and can be requeued.</summary>
internal sealed class RefusalFilter : IElectStateFilter, IJobFilter
{
    public bool AllowMultiple => false;

    // Before AutomaticRetryAttribute, which is 20 unless somebody sets it, and which knows a failure by the type FailedState.
    public int Order => int.MinValue;

    public void OnStateElection(ElectStateContext context)
    {
        if (context.CandidateState is FailedState failed && FindRefusal(failed.Exception) is { } refusal)
        {
            context.CandidateState = new RefusedState(failed, refusal);
            if (TenantHosts.Find(context.Storage) is { } host)
            {
                Log.JobRefused(host.Logger, context.BackgroundJob.Id, refusal.Code, refusal.Message);
            }
        }
    }

    private static TenantException? FindRefusal(Exception? exception)
    {
        while (exception is not (null or TenantException))
        {
            exception = exception.InnerException;
        }

        return exception is TenantException { IsRetryable: false } refusal ? refusal : null;
    }
}
