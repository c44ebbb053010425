using System.Diagnostics;
using Hangfire.Common;
using Hangfire.Server;

namespace Freehold.Integrations.Hangfire.Running;

/// <summary>Puts the tenant on the job's span. The innermost filter: another one starts the span, OpenTelemetry's for instance.</summary>
internal sealed class ActivityTagFilter : IServerFilter, IJobFilter
{
    public bool AllowMultiple => false;

    public int Order => int.MaxValue;

    public void OnPerforming(PerformingContext context)
    {
        if (JobRun.Find(context)?.Tenant is { } tenant)
        {
            Activity.Current?.SetTag(TenantTelemetry.TenantId, tenant.Id.Value);
        }
    }

    public void OnPerformed(PerformedContext context)
    {
    }
}
