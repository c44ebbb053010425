using Freehold.Contracts;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using HotChocolate.Execution;
using HotChocolate.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Propagation;

/// <summary>The far sides of queries.</summary>
public sealed class VisitQuery
{
    public Task<bool> VisitAsync(Guid visit, FarSide far) => Visits.RunAsync(visit, far);

    [AllowNoTenant]
    public Task<bool> VisitFreelyAsync(Guid visit, FarSide far) => Visits.RunAsync(visit, far);

    public Task<bool> LoadAsync(Guid visit, VisitLoader loader) => loader.LoadAsync(visit);

    [AllowNoTenant]
    public Task<bool> LoadFreelyAsync(Guid visit, VisitLoader loader) => loader.LoadAsync(visit);
}

public sealed class VisitMutation
{
    public Task<bool> VisitAsync(Guid visit, FarSide far) => Visits.RunAsync(visit, far);

    [AllowNoTenant]
    public Task<bool> VisitFreelyAsync(Guid visit, FarSide far) => Visits.RunAsync(visit, far);
}

/// <summary>The far side is the resolver of an event.</summary>
public sealed class VisitSubscription
{
    [Subscribe(With = nameof(SubscribeAsync))]
    public Task<bool> VisitAsync([EventMessage] Guid planned, FarSide far) => Visits.RunAsync(planned, far);

    [AllowNoTenant]
    [Subscribe(With = nameof(SubscribeAsync))]
    public Task<bool> VisitFreelyAsync([EventMessage] Guid planned, FarSide far) => Visits.RunAsync(planned, far);

    public async ValueTask<ISourceStream<Guid>> SubscribeAsync(Guid visit, ITopicEventReceiver receiver, Subscribers subscribers)
    {
        var stream = await receiver.SubscribeAsync<Guid>($"visit {visit}");
        subscribers.Tell(visit.ToString());
        return stream;
    }
}

public sealed class VisitLoader(IServiceProvider services, IBatchScheduler scheduler, DataLoaderOptions options)
    : BatchDataLoader<Guid, bool>(scheduler, options)
{
    protected override async Task<IReadOnlyDictionary<Guid, bool>> LoadBatchAsync(IReadOnlyList<Guid> keys, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var far = scope.ServiceProvider.GetRequiredService<FarSide>();
        foreach (var visit in keys)
        {
            await far.VisitAsync(visit);
        }

        return keys.ToDictionary(visit => visit, _ => true);
    }
}

internal static class Visits
{
    public static async Task<bool> RunAsync(Guid visit, FarSide far)
    {
        await far.VisitAsync(visit);
        return true;
    }
}
