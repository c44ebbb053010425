using System.Threading.Channels;
using Freehold.Contracts;
using Freehold.Core.Tests.Running;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Context;

/// <summary>A visit made elsewhere than where the caller runs.</summary>
public delegate Task<Crossing> VisitElsewhere(IServiceProvider services, string? tenantId, Guid visit, bool mayLackTenant);

/// <summary>Ways to run work elsewhere that are .NET's own, and know nothing of tenants.</summary>
public abstract class FlowPropagationTests(VisitElsewhere cross) : TenantPropagationContract
{
    /// <summary>The tenant is entered here and flows there by itself; what runs there has a DI scope of its own.</summary>
    protected static VisitElsewhere Flowing(Func<Func<Task>, Task> elsewhere) => async (services, tenantId, visit, mayLackTenant) =>
    {
        try
        {
            if (tenantId is null && mayLackTenant)
            {
                await elsewhere(VisitAsync);
            }
            else
            {
                await services.ForTenantAsync(tenantId, (_, _) => elsewhere(VisitAsync));
            }

            return new();
        }
        catch (TenantException refusal)
        {
            return new(refusal.Code);
        }

        async Task VisitAsync()
        {
            await using var scope = services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<FarSide>().VisitAsync(visit);
        }
    };

    protected override Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        Task.FromResult<TenantBoundary>(new Boundary(Application.Build(configureContract), cross));

    private sealed class Boundary(ServiceProvider services, VisitElsewhere cross) : TenantBoundary
    {
        public override IServiceProvider Services => services;

        public override Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant) => cross(services, tenantId, visit, mayLackTenant);

        public override ValueTask DisposeAsync() => services.DisposeAsync();
    }
}

[Boundary("Core", "Task.Run")]
public sealed class TaskRunPropagationTests() : FlowPropagationTests(Flowing(Task.Run));

[Boundary("Core", "Parallel.ForEachAsync")]
public sealed class ParallelPropagationTests() : FlowPropagationTests(Flowing(static work => Parallel.ForEachAsync([work], static async (one, _) => await one())));

[Boundary("Core", "timer", "one made in the tenant")]
public sealed class TimerPropagationTests() : FlowPropagationTests(Flowing(static async work =>
{
    var done = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
    await using var timer = new Timer(_ => done.SetResult(work()), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    await await done.Task;
}));

/// <summary>One timer, made inside some tenant, for whatever is due: it is named what each is due for.</summary>
[Boundary("Core", "timer", "one for all tenants")]
public sealed class SharedTimerPropagationTests() : FlowPropagationTests(static async (services, tenantId, visit, mayLackTenant) =>
{
    var done = new TaskCompletionSource<Crossing>(TaskCreationOptions.RunContinuationsAsynchronously);
    Due.Writer.TryWrite(async () =>
    {
        try
        {
            done.SetResult(await Application.VisitAsync(services, tenantId, visit, mayLackTenant));
        }
        catch (FarSideException failure)
        {
            done.SetException(failure);
        }
    });
    Clock.Value.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    return await done.Task;
})
{
    private static readonly Channel<Func<Task>> Due = Channel.CreateUnbounded<Func<Task>>();

    private static readonly Lazy<Timer> Clock = new(() =>
    {
        using var somebody = TenantScope.Enter(new Tenant("t20"));
        return new Timer(_ =>
        {
            while (Due.Reader.TryRead(out var visit))
            {
                _ = Task.Run(visit);
            }
        });
    });
}

[Boundary("Core", "SuppressFlow (tenant carried explicitly)")]
public sealed class SuppressedFlowPropagationTests() : FlowPropagationTests(static (services, tenantId, visit, mayLackTenant) =>
{
    using var suppressed = ExecutionContext.SuppressFlow();
    return Task.Run(() => Application.VisitAsync(services, tenantId, visit, mayLackTenant));
});

[Boundary("Core", "UnsafeQueueUserWorkItem (tenant carried explicitly)")]
public sealed class UnsafeQueuePropagationTests() : FlowPropagationTests(static async (services, tenantId, visit, mayLackTenant) =>
{
    var done = new TaskCompletionSource<Task<Crossing>>(TaskCreationOptions.RunContinuationsAsynchronously);
    ThreadPool.UnsafeQueueUserWorkItem(_ => done.SetResult(Application.VisitAsync(services, tenantId, visit, mayLackTenant)), null);
    return await await done.Task;
});
