using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed class InMemoryCapturedContextTests() : CapturedContexts(Wire.InMemory);

public sealed class RabbitMqCapturedContextTests() : CapturedContexts(Wire.RabbitMq);

/// <summary>Receive loops run for ever in the execution context they were connected in: it must not decide for whom they work.</summary>
public abstract class CapturedContexts(Wire wire)
{
    [Fact]
    public async Task A_bus_started_inside_a_tenants_scope_serves_each_message_for_its_own()
    {
        using var starting = Shop.Enter("acme");
        await using var host = await Shop.OpenAsync(wire);

        await ShouldServeEachForItsOwnAsync(
            host, order => host.PlaceAsync("globex", order), host.PlaceForeignAsync, notice => host.Bus.Publish(new Notice(notice)));
    }

    [Fact]
    public async Task An_endpoint_connected_inside_a_tenants_scope_serves_each_message_for_its_own()
    {
        await using var host = await Shop.OpenAsync(wire);
        using (Shop.Enter("acme"))
        {
            await host.Bus.ConnectReceiveEndpoint("connected", endpoint =>
            {
                endpoint.Consumer(() => new OrderConsumer(host.Script()));
                endpoint.Consumer(() => new NoticeConsumer(host.Script()));
            }).Ready;
        }

        var connected = await host.Bus.GetSendEndpoint(new Uri("queue:connected"));
        await ShouldServeEachForItsOwnAsync(host, async order =>
        {
            using var scope = Shop.Enter("globex");
            await connected.Send(new Order(order), context => context.MessageId = order);
        }, order => connected.Send(new ForeignOrder(order), context => context.MessageId = order), notice => connected.Send(new Notice(notice)));
    }

    private static async Task ShouldServeEachForItsOwnAsync(BusHost host, Func<Guid, Task> place, Func<Guid, Task> placeForeign, Func<Guid, Task> notify)
    {
        var (own, foreign, notice) = (host.Script().Plan(), host.Script().Plan(), host.Script().Plan());

        await place(own);
        using (TenantScope.EnterNone())
        {
            await placeForeign(foreign);
            await notify(notice);
        }

        (await host.Script().SeenAsync(own)).ShouldBe(new Sight("globex", "globex", "globex"));
        (await host.Script().SeenAsync(notice)).ShouldBe(new Sight(null, null, null));
        (await host.Deliveries.Of(foreign).CompletedAsync()).Fault.ShouldBeOfType<TenantMissingException>();
    }
}
