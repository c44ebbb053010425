using Freehold.Integrations.Hangfire.Creating;
using Freehold.Integrations.Hangfire.Hosts;
using Freehold.Integrations.Hangfire.Signing;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;

namespace Freehold.Integrations.Hangfire.Running;

/// <summary>
/// Runs a job in the tenant written in it: around all other filters, the job's DI scope, and the job. One filter for what could be two:
/// Hangfire sorts all of them anew at every step of a job.
/// </summary>
internal sealed class TenantServerFilter : IServerFilter, IElectStateFilter, IJobFilter
{
    public bool AllowMultiple => false;

    // Before AutomaticRetryAttribute too, which is 20 unless somebody sets it, and which knows a failure by the type FailedState.
    public int Order => int.MinValue;

    public void OnPerforming(PerformingContext context)
    {
        if (TenantHosts.Find(context.Storage) is not { } host)
        {
            return;
        }

        // Everything that can refuse comes first: when this throws, OnPerformed is not called.
        JobRun.Begin(context, host, JobParameters.Read(context, TenantHeader.Name) is { } tenantId
            ? Admit(host, tenantId, context)
            : RefuseUnlessAllowed(context));
    }

    public void OnPerformed(PerformedContext context) => JobRun.End(context);

    public void OnStateElection(ElectStateContext context) => Refusal.Elect(context);

    private static Tenant Admit(TenantHost host, string tenantId, PerformingContext context)
    {
        if (host.Signer.IsOn)
        {
            Verify(host.Signer, tenantId, context);
        }

        return host.Admit(tenantId, context.CancellationToken.ShutdownToken);
    }

    private static void Verify(TenantSigner signer, string tenantId, PerformingContext context) =>
        SignedJob.Verify(signer, tenantId, context.BackgroundJob.Job, name => JobParameters.Read(context, name));

    private static Tenant? RefuseUnlessAllowed(PerformingContext context) => context.BackgroundJob.Job.MayLackTenant()
        ? null
        : throw new TenantMissingException(
            $"Job {context.BackgroundJob.Id} ({context.BackgroundJob.Job}) names no tenant: it was created past UseMultiTenancy. "
            + "Create it again inside its tenant, and delete this one.");
}
