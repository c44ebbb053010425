using Freehold.Integrations.Hangfire.Hosts;
using Hangfire.Server;

namespace Freehold.Integrations.Hangfire.Running;

/// <summary>One run of a job in its tenant, or in none, from the first filter to the last.</summary>
internal sealed class JobRun
{
    private const string Key = "Freehold.JobRun";

    private readonly TenantScope _tenantScope;

    private JobRun(TenantHost host, Tenant? tenant)
    {
        Host = host;
        Tenant = tenant;

        // None is entered too: a worker's thread may bring along what was ambient where its server was started.
        _tenantScope = tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(tenant);
    }

    public TenantHost Host { get; }

    public Tenant? Tenant { get; }

    public static JobRun? Find(PerformContext context) => context.Items.TryGetValue(Key, out var run) ? run as JobRun : null;

    public static void Begin(PerformContext context, TenantHost host, Tenant? tenant) => context.Items[Key] = new JobRun(host, tenant);

    public static void End(PerformContext context)
    {
        if (Find(context) is { } run)
        {
            context.Items.Remove(Key);
            run._tenantScope.Dispose();
        }
    }
}
