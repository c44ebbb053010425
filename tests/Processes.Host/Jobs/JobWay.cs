using System.Linq.Expressions;
using Freehold.Contracts.Remote;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Processes.Host.Jobs;

/// <summary>A way over Hangfire's storage on PostgreSQL.</summary>
internal sealed class JobWay(Action<IBackgroundJobClientV2, Guid, bool> create) : Way
{
    public override void AddNear(IServiceCollection services, HostSettings settings) => JobHost.AddClient(services, settings);

    public override void AddFar(IServiceCollection services, HostSettings settings, FrameStream near) =>
        OutcomeFilter.Report(JobHost.AddServer(services, settings), near);

    public static void Enqueue(IBackgroundJobClientV2 client, Guid visit, bool mayLackTenant)
    {
        _ = mayLackTenant ? client.Enqueue(Open(visit)) : client.Enqueue(Strict(visit));
    }

    public static void Schedule(IBackgroundJobClientV2 client, Guid visit, bool mayLackTenant)
    {
        _ = mayLackTenant ? client.Schedule(Open(visit), TimeSpan.Zero) : client.Schedule(Strict(visit), TimeSpan.Zero);
    }

    public static void ContinueWith(IBackgroundJobClientV2 client, Guid visit, bool mayLackTenant)
    {
        string first;
        using (TenantScope.EnterNone())
        {
            first = client.Enqueue(() => FirstJob.Run());
        }

        _ = mayLackTenant ? client.ContinueJobWith(first, Open(visit)) : client.ContinueJobWith(first, Strict(visit));
    }

    protected override Task<string?> SendAsync(IServiceProvider services, Guid visit, bool mayLackTenant)
    {
        try
        {
            create(services.GetRequiredService<IBackgroundJobClientV2>(), visit, mayLackTenant);
            return Task.FromResult<string?>(null);
        }
        catch (BackgroundJobClientException e) when (e.InnerException is TenantException refusal)
        {
            return Task.FromResult<string?>(refusal.Code);
        }
    }

    private static Expression<Func<VisitJob, Task>> Strict(Guid visit) => job => job.RunAsync(visit);

    private static Expression<Func<OpenVisitJob, Task>> Open(Guid visit) => job => job.RunAsync(visit);
}
