using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests.Ways;

/// <summary>One way over the bus. Each visit's id is the id of the first message on its way.</summary>
public abstract class BusPropagation(Wire wire) : TenantPropagationContract
{
    /// <summary>False where the far side runs in a later message than the first.</summary>
    protected virtual bool EndsWithFirstMessage => true;

    /// <summary>How often the bus tries again, without delay.</summary>
    protected virtual int Retries => 2;

    protected virtual void Register(IBusRegistrationConfigurator buses)
    {
        buses.AddConsumer<VisitConsumer>();
        buses.AddConsumer<OpenVisitConsumer>();
    }

    protected virtual void Configure(IBusRegistrationContext context, IBusFactoryConfigurator bus)
    {
    }

    /// <summary>For messages of MassTransit's own, which cannot be marked: a second bus that lets them travel without a tenant.</summary>
    protected virtual Action<MassTransitMultiTenancyOptions>? OpenTo => null;

    // Every message on every way must carry a signature of its own.
    protected override void ConfigureTenancy(MultiTenancyBuilder tenancy) => tenancy.SignTenants(Keys.Use("old"));

    protected abstract Task SendAsync(BusHost host, Guid visit, bool mayLackTenant);

    protected override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract) => new Boundary(
        this,
        await StartAsync(configureContract, null),
        OpenTo is null ? null : await StartAsync(configureContract, OpenTo));

    private Task<BusHost> StartAsync(Action<IServiceCollection> configureContract, Action<MassTransitMultiTenancyOptions>? options) =>
        BusHost.StartAsync(wire, configureContract, Register, Configure, options, Retries);

    private sealed class Boundary(BusPropagation way, BusHost host, BusHost? open) : TenantBoundary
    {
        public override IServiceProvider Services => host.Services;

        public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
        {
            var bus = mayLackTenant ? open ?? host : host;
            try
            {
                using var scope = Shop.Enter(tenantId);
                await way.SendAsync(bus, visit, mayLackTenant);
            }
            catch (TenantException e)
            {
                return new(e.Code, Attempts: 0);
            }

            var delivery = await bus.Deliveries.Of(visit).CompletedAsync();
            var refusal = delivery.Fault as TenantException;
            if (!way.EndsWithFirstMessage && refusal is null)
            {
                await bus.Services.GetRequiredService<VisitLog>().Find(visit).Finished;
            }

            return new(refusal?.Code, delivery.Attempts);
        }

        public override async ValueTask DisposeAsync()
        {
            await host.DisposeAsync();
            await (open?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}

public interface IVisitOrdered
{
    Guid Visit { get; }
}

public sealed record VisitOrdered(Guid Visit) : IVisitOrdered;

[AllowNoTenant]
public sealed record OpenVisitOrdered(Guid Visit) : IVisitOrdered;

public sealed class VisitConsumer(FarSide farSide) : IConsumer<VisitOrdered>
{
    public Task Consume(ConsumeContext<VisitOrdered> context) => farSide.VisitAsync(context.Message.Visit);
}

public sealed class OpenVisitConsumer(FarSide farSide) : IConsumer<OpenVisitOrdered>
{
    public Task Consume(ConsumeContext<OpenVisitOrdered> context) => farSide.VisitAsync(context.Message.Visit);
}

public static class VisitSending
{
    public static Task PublishVisitAsync(this BusHost host, Guid visit, bool mayLackTenant) => mayLackTenant
        ? host.Bus.Publish(new OpenVisitOrdered(visit), context => context.MessageId = visit)
        : host.Bus.Publish(new VisitOrdered(visit), context => context.MessageId = visit);

    public static async Task SendVisitAsync(this BusHost host, string queue, Guid visit, bool mayLackTenant)
    {
        var endpoint = await host.Bus.GetSendEndpoint(new Uri($"queue:{queue}"));
        await (mayLackTenant
            ? endpoint.Send(new OpenVisitOrdered(visit), context => context.MessageId = visit)
            : endpoint.Send(new VisitOrdered(visit), context => context.MessageId = visit));
    }
}
