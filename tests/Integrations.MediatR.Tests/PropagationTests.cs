using Freehold.Contracts;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR.Tests;

/// <summary>One of the ways through MediatR: what sends a visit, strictly or as a message that may lack a tenant.</summary>
public delegate Task SendVisit(IMediator mediator, Guid visit, string? tenant, bool mayLackTenant);

public abstract class PropagationTests(SendVisit send) : TenantPropagationContract
{
    protected override Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        Task.FromResult<TenantBoundary>(new Boundary(Application.Build(configureServices: configureContract), send));

    private sealed class Boundary(ServiceProvider services, SendVisit send) : TenantBoundary
    {
        public override IServiceProvider Services => services;

        public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
        {
            await using var scope = services.CreateAsyncScope();
            try
            {
                await send(scope.ServiceProvider.GetRequiredService<IMediator>(), visit, tenantId, mayLackTenant);
                return new();
            }
            catch (TenantException refusal)
            {
                return new(refusal.Code);
            }
        }

        public override ValueTask DisposeAsync() => services.DisposeAsync();
    }
}

public sealed class RequestPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Send(new LaxVisitRequest(visit, tenant))
    : mediator.Send(new VisitRequest(visit, tenant)));

public sealed class UntypedRequestPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Send((object)new LaxVisitRequest(visit, tenant))
    : mediator.Send((object)new VisitRequest(visit, tenant)));

public sealed class VoidRequestPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Send(new LaxVisitCommand(visit, tenant))
    : mediator.Send(new VisitCommand(visit, tenant)));

public sealed class NotificationPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Publish(new LaxVisitNotification(visit, tenant))
    : mediator.Publish(new VisitNotification(visit, tenant)));

public sealed class UntypedNotificationPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Publish((object)new LaxVisitNotification(visit, tenant))
    : mediator.Publish((object)new VisitNotification(visit, tenant)));

public sealed class StreamPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => ConsumeAsync(mayLackTenant
    ? mediator.CreateStream(new LaxVisitStream(visit, tenant))
    : mediator.CreateStream(new VisitStream(visit, tenant))))
{
    private static async Task ConsumeAsync(IAsyncEnumerable<Guid> stream)
    {
        await foreach (var _ in stream)
        {
            await Task.Yield();
        }
    }
}

public sealed class UntypedStreamPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => ConsumeAsync(mayLackTenant
    ? mediator.CreateStream((object)new LaxVisitStream(visit, tenant))
    : mediator.CreateStream((object)new VisitStream(visit, tenant))))
{
    private static async Task ConsumeAsync(IAsyncEnumerable<object?> stream)
    {
        await foreach (var _ in stream)
        {
            await Task.Yield();
        }
    }
}
