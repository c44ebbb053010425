using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;

namespace Freehold.Integrations.Hangfire.Tests.Ways;

internal sealed class FireAndForget : JobWay
{
    public override Task<Crossing> CrossAsync(JobsHost host, string? tenantId, Guid visit, bool mayLackTenant) =>
        CreateAsync(host, tenantId, client => mayLackTenant
            ? client.Enqueue<FreeJob>(job => job.RunAsync(visit))
            : client.Enqueue<VisitJob>(job => job.RunAsync(visit)));
}

internal sealed class Delayed : JobWay
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    public override Task<Crossing> CrossAsync(JobsHost host, string? tenantId, Guid visit, bool mayLackTenant) =>
        CreateAsync(host, tenantId, client => mayLackTenant
            ? client.Schedule<FreeJob>(job => job.RunAsync(visit), Delay)
            : client.Schedule<VisitJob>(job => job.RunAsync(visit), Delay));
}

/// <summary>An active tenant is the parent's, and the continuation is registered outside any; another one registers it.</summary>
internal sealed class Continuation : JobWay
{
    public override async Task<Crossing> CrossAsync(JobsHost host, string? tenantId, Guid visit, bool mayLackTenant)
    {
        var isParents = tenantId is not null && ContractTenants.Active.Contains(tenantId);
        var parent = host.CreateIn(isParents ? tenantId : null, client => client.Schedule(() => RestJob.Run(), TimeSpan.FromDays(1)));
        if (TryCreate(
            host,
            isParents ? null : tenantId,
            client => mayLackTenant
                ? client.ContinueJobWith<FreeJob>(parent, job => job.RunAsync(visit))
                : client.ContinueJobWith<VisitJob>(parent, job => job.RunAsync(visit)),
            out var continuation) is { } refusal)
        {
            return refusal;
        }

        // Only now: registering takes the parent's lock, and the storage waits a whole second for it where a worker is at the parent.
        host.Client.Requeue(parent);
        return await EndOfAsync(host, continuation);
    }
}

/// <summary>The first attempt fails; Hangfire makes another.</summary>
internal sealed class Retry : JobWay
{
    public override Task<Crossing> CrossAsync(JobsHost host, string? tenantId, Guid visit, bool mayLackTenant) =>
        CreateAsync(host, tenantId, client => mayLackTenant
            ? client.Enqueue<SecondTryJob>(job => job.RunFreeAsync(visit, null!))
            : client.Enqueue<SecondTryJob>(job => job.RunAsync(visit, null!)));
}
