using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed class InMemoryPropagationTests : BusPropagation
{
    protected override Wire Wire => Wire.InMemory;
}

public sealed class RabbitMqPropagationTests : BusPropagation
{
    protected override Wire Wire => Wire.RabbitMq;
}

public abstract class BusPropagation : TenantPropagationContract
{
    protected abstract Wire Wire { get; }

    protected override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) =>
        new Boundary(await BusHost.StartAsync(Wire, configureContract, buses =>
        {
            buses.AddConsumer<VisitConsumer>();
            buses.AddConsumer<OpenVisitConsumer>();
        }));

    private sealed class Boundary(BusHost host) : TenantBoundary
    {
        public override IServiceProvider Services => host.Services;

        public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
        {
            try
            {
                using var scope = tenantId is null ? TenantScope.EnterNone() : TenantScope.Enter(new Tenant(tenantId));
                await PublishAsync(visit, mayLackTenant);
            }
            catch (TenantException e)
            {
                return new(e.Code, Attempts: 0);
            }

            var delivery = await host.Deliveries.Of(visit).CompletedAsync();
            return new((delivery.Fault as TenantException)?.Code, delivery.Attempts);
        }

        public override ValueTask DisposeAsync() => host.DisposeAsync();

        private Task PublishAsync(Guid visit, bool mayLackTenant) => mayLackTenant
            ? host.Bus.Publish(new OpenVisitOrdered(visit), context => context.MessageId = visit)
            : host.Bus.Publish(new VisitOrdered(visit), context => context.MessageId = visit);
    }
}

public sealed record VisitOrdered(Guid Visit);

[AllowNoTenant]
public sealed record OpenVisitOrdered(Guid Visit);

public sealed class VisitConsumer(FarSide farSide) : IConsumer<VisitOrdered>
{
    public Task Consume(ConsumeContext<VisitOrdered> context) => farSide.VisitAsync(context.Message.Visit);
}

public sealed class OpenVisitConsumer(FarSide farSide) : IConsumer<OpenVisitOrdered>
{
    public Task Consume(ConsumeContext<OpenVisitOrdered> context) => farSide.VisitAsync(context.Message.Visit);
}
