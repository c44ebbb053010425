using Freehold.Integrations.Hangfire.Hosts;
using Hangfire.Client;

namespace Freehold.Integrations.Hangfire.Recurring;

/// <summary>
/// A recurring job that makes a job, by its clock or because somebody triggered it: in which scope that was must not decide whose data it
/// works on. The tenant is the definition's, or none.
/// </summary>
internal static class RecurringFire
{
    /// <summary>The recurring job's id, or null where none makes the job: Hangfire alone creates jobs without a state, and enqueues them later.</summary>
    public static string? IdOf(CreatingContext context) =>
        context.InitialState is null && context.Parameters.TryGetValue("RecurringJobId", out var id) ? id as string : null;

    /// <summary>The definition's tenant. Where it is refused, the job is not made.</summary>
    public static string? TenantOf(string recurringId, CreatingContext context, TenantHost host)
    {
        try
        {
            return RecurringRecord.FindTenant(context.Connection, host.Signer, recurringId) is { } tenantId ? Admitted(tenantId, host) : null;
        }
        catch (TenantException refusal) when (!refusal.IsRetryable)
        {
            // Left out, and not failed: a failed job for each time it is due would stay in the storage until somebody deletes it.
            context.Canceled = true;
            Log.RecurringJobSkipped(host.Logger, recurringId, refusal.Code, refusal.Message);
            return null;
        }
    }

    private static string Admitted(string tenantId, TenantHost host)
    {
        try
        {
            host.Admit(tenantId);
        }
        catch (TenantException later) when (later.IsRetryable)
        {
            // Nothing is known against it: the job is made, and retried when it runs.
        }

        return tenantId;
    }
}
