using Hangfire.Common;
using Hangfire.Server;

namespace Freehold.Integrations.Hangfire;

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
        var tenantId = context.GetJobParameter<string>(TenantHeader.Name, allowStale: true);
        JobRun.Begin(context, host, tenantId is null ? RefuseUnlessAllowed(context) : Admit(host, tenantId, context));
    }

    public void OnPerformed(PerformedContext context) => JobRun.End(context);

    // Filters are synchronous. Blocking is safe on a worker: its thread is Hangfire's own, with no synchronization context to wait for.
    private static Tenant Admit(TenantHost host, string tenantId, PerformingContext context) =>
        host.Admission.AdmitAsync(tenantId, context.CancellationToken.ShutdownToken).AsTask().GetAwaiter().GetResult();

    private static Tenant? RefuseUnlessAllowed(PerformingContext context) => context.BackgroundJob.Job.MayLackTenant()
        ? null
        : throw new TenantMissingException(
            $"Job {context.BackgroundJob.Id} ({context.BackgroundJob.Job}) names no tenant: it was created past UseMultiTenancy. "
            + "Create it again inside its tenant, and delete this one.");
}
