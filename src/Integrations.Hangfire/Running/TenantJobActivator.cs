using System.Diagnostics;
using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Running;

/// <summary>
/// The last door before a job class is built. What came past the filters is refused here, and what came through them is built by the
/// application whose job it is: <see cref="JobActivator.Current"/>, from which Hangfire takes this, may be another's by now.
/// </summary>
internal sealed class TenantJobActivator(JobActivator inner) : JobActivator
{
    /// <summary>The activator these services had until now.</summary>
    public static JobActivator ActivatorOf(IServiceProvider services)
    {
        var current = Current;
        var isHangfiresOwn = current.GetType() == typeof(AspNetCoreJobActivator) || current is TenantJobActivator;

        // Hangfire's own would do, if only it were sure to be these services': the property is process-wide.
        return isHangfiresOwn ? new AspNetCoreJobActivator(services.GetRequiredService<IServiceScopeFactory>()) : current;
    }

    public override JobActivatorScope BeginScope(PerformContext context)
    {
        var run = JobRun.Find(context) ?? throw new TenantMissingException(
            $"Job {context.BackgroundJob.Id} reached a server without passing Freehold's filters, so its tenant is not known. Let the "
            + "Hangfire server use the JobStorage and the IJobFilterProvider of the application's services.");

        // Only here is the job's span sure to be there: another filter starts it, OpenTelemetry's for instance.
        if (run.Tenant is not null)
        {
            Activity.Current?.SetTag(TenantTelemetry.TenantId, run.Tenant.Id.Value);
        }

        return run.Host.Activator.BeginScope(context);
    }

    public override object ActivateJob(Type jobType) => inner.ActivateJob(jobType);

    public override JobActivatorScope BeginScope(JobActivatorContext context) => inner.BeginScope(context);
}
