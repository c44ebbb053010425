using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed class InMemoryOutboxTests() : Outboxes(Wire.InMemory, withInbox: false);

public sealed class RabbitMqOutboxTests() : Outboxes(Wire.RabbitMq, withInbox: false);

public sealed class InMemoryInboxOutboxTests() : Outboxes(Wire.InMemory, withInbox: true);

/// <summary>An outbox sends when the consumer has ended, and its scopes are left: what counts is where Publish and Send were called.</summary>
public abstract class Outboxes(Wire wire, bool withInbox)
{
    [Theory]
    [InlineData("globex")]
    [InlineData("acme")]
    public async Task What_is_published_inside_another_tenants_scope_carries_that_one(string tenant)
    {
        await using var host = await OpenAsync();
        var next = host.Script().Plan();

        await host.PlaceAsync("acme", host.Script().Plan(async consumed =>
        {
            using var scope = Shop.Enter(tenant);
            await consumed.Publish(new Order(next));
        }));

        (await host.Script().SeenAsync(next)).ShouldBe(new Sight(tenant, tenant, tenant));
    }

    [Fact]
    public async Task What_is_sent_inside_another_tenants_scope_carries_that_one_whoever_asked_for_the_endpoint()
    {
        await using var host = await OpenAsync();
        var (crossing, own) = (host.Script().Plan(), host.Script().Plan());

        await host.PlaceAsync("acme", host.Script().Plan(async consumed =>
        {
            var endpoint = await consumed.GetSendEndpoint(new Uri("queue:Order"));
            using (Shop.Enter("globex"))
            {
                await endpoint.Send(new Order(crossing));
            }

            await endpoint.Send(new Order(own));
        }));

        (await host.Script().SeenAsync(crossing)).ShouldBe(new Sight("globex", "globex", "globex"));
        (await host.Script().SeenAsync(own)).ShouldBe(new Sight("acme", "acme", "acme"));
    }

    [Fact]
    public async Task What_is_published_for_nobody_carries_nobody()
    {
        await using var host = await OpenAsync();
        var notice = host.Script().Plan();

        await host.PlaceAsync("acme", host.Script().Plan(async consumed =>
        {
            using var scope = TenantScope.EnterNone();
            await consumed.Publish(new Notice(notice));
        }));

        (await host.Script().SeenAsync(notice)).ShouldBe(new Sight(null, null, null));
    }

    private Task<BusHost> OpenAsync() => withInbox
        ? Shop.OpenAsync(wire, buses =>
        {
            buses.AddInMemoryInboxOutbox();
            buses.AddConfigureEndpointsCallback((context, _, endpoint) => endpoint.UseInMemoryInboxOutbox(context));
        })
        : Shop.OpenAsync(wire, configure: (context, bus) => bus.UseInMemoryOutbox(context));
}
