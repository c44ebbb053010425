using Freehold.Contracts;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR.Tests;

/// <summary>One of the ways through MediatR: what sends a visit, strictly or as a message that may lack a tenant.</summary>
public delegate Task SendVisit(IMediator mediator, Guid visit, string? tenant, bool mayLackTenant);

public abstract class PropagationTests(SendVisit send, Action<MediatRMultiTenancyOptions>? options = null) : TenantPropagationContract
{
    protected override Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        Task.FromResult<TenantBoundary>(new Boundary(Application.Build(options, configureServices: configureContract), send));

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

[Boundary("MediatR", "request")]
public sealed class RequestPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Send(new LaxVisitRequest(visit, tenant))
    : mediator.Send(new VisitRequest(visit, tenant)));

[Boundary("MediatR", "request", "sent as object")]
public sealed class UntypedRequestPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Send((object)new LaxVisitRequest(visit, tenant))
    : mediator.Send((object)new VisitRequest(visit, tenant)));

[Boundary("MediatR", "void request")]
public sealed class VoidRequestPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Send(new LaxVisitCommand(visit, tenant))
    : mediator.Send(new VisitCommand(visit, tenant)));

[Boundary("MediatR", "notification")]
public sealed class NotificationPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Publish(new LaxVisitNotification(visit, tenant))
    : mediator.Publish(new VisitNotification(visit, tenant)));

[Boundary("MediatR", "notification", "sent as object")]
public sealed class UntypedNotificationPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) => mayLackTenant
    ? mediator.Publish((object)new LaxVisitNotification(visit, tenant))
    : mediator.Publish((object)new VisitNotification(visit, tenant)));

[Boundary("MediatR", "stream")]
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

[Boundary("MediatR", "stream", "sent as object")]
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

[Boundary("MediatR", "nested request", "from no tenant")]
public sealed class NestedPropagationTests() : PropagationTests(static (mediator, visit, tenant, mayLackTenant) =>
    mediator.Send(new RunAnyway(here => SendAsync(here.Mediator, visit, tenant, mayLackTenant))))
{
    internal static Task SendAsync(IMediator mediator, Guid visit, string? tenant, bool mayLackTenant) => mayLackTenant
        ? mediator.Send(new LaxVisitRequest(visit, tenant))
        : mediator.Send(new VisitRequest(visit, tenant));
}

[Boundary("MediatR", "nested request", "from another tenant")]
public sealed class CrossingPropagationTests() : PropagationTests(
    static (mediator, visit, tenant, mayLackTenant) => mediator.Send(new RunFor("t20", async here =>
    {
        using (tenant is null ? TenantScope.EnterNone() : null)
        {
            await NestedPropagationTests.SendAsync(here.Mediator, visit, tenant, mayLackTenant);
        }
    })),
    static options => options.AllowRequestsToCrossTenants = true);
