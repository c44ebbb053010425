using Freehold.Integrations.Hangfire.Creating;
using Freehold.Integrations.Hangfire.Hosts;
using Freehold.Integrations.Hangfire.Signing;
using Hangfire.Common;
using Hangfire.Server;

namespace Freehold.Integrations.Hangfire.Running;

/// <summary>Runs a job in the tenant written in it. Around all other filters, the job's DI scope, and the job.</summary>
internal sealed class TenantServerFilter : IServerFilter, IJobFilter
{
    public bool AllowMultiple => false;

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

    private static Tenant Admit(TenantHost host, string tenantId, PerformingContext context)
    {
        SignedJob.Verify(host.Signer, tenantId, context.BackgroundJob.Job, name => JobParameters.Read(context, name));
        return host.Admit(tenantId, context.CancellationToken.ShutdownToken);
    }

    private static Tenant? RefuseUnlessAllowed(PerformingContext context) => context.BackgroundJob.Job.MayLackTenant()
        ? null
        : throw new TenantMissingException(
            $"Job {context.BackgroundJob.Id} ({context.BackgroundJob.Job}) names no tenant: it was created past UseMultiTenancy. "
            + "Create it again inside its tenant, and delete this one.");
}
