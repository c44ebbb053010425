using Hangfire.Server;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire;

/// <summary>One run of a job in its tenant, or in none, from the first filter to the last.</summary>
internal sealed class JobRun
{
    private const string Key = "Freehold.JobRun";

#pragma warning disable CA1727 // The placeholder is the tag's name, as on spans.
    private static readonly Func<ILogger, string, IDisposable?> LogScope = LoggerMessage.DefineScope<string>("tenant {tenant.id}");
#pragma warning restore CA1727

    private readonly TenantScope _tenantScope;
    private readonly IDisposable? _logScope;

    private JobRun(TenantHost host, Tenant? tenant)
    {
        Host = host;
        Tenant = tenant;
        _logScope = tenant is null ? null : LogScope(host.Logger, tenant.Id.Value);

        // Last, for it cannot fail; none is entered too: a worker's thread may bring along what was ambient where its server was started.
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
            run._logScope?.Dispose();
        }
    }
}
