using Freehold.Contracts;
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

    [Fact]
    public async Task A_message_whose_id_the_caller_writes_is_signed_for_that_id()
    {
        await using var host = await OpenAsync();
        var next = host.Script().Plan();

        await host.PlaceAsync("acme", host.Script().Plan(consumed => consumed.Publish(new Order(next), sent => sent.MessageId = next)));

        (await host.Script().SeenAsync(next)).ShouldBe(new Sight("acme", "acme", "acme"));
    }

    [Fact]
    public async Task A_header_that_the_caller_wrote_is_refused()
    {
        await using var host = await OpenAsync();
        var order = host.Script().Plan(consumed => consumed.Publish(new Order(Guid.NewGuid()), sent => sent.Headers.Set("Tenant-Id", "globex")));

        await host.PlaceAsync("acme", order);

        (await host.Deliveries.Of(order).CompletedAsync()).Fault.ShouldBeOfType<TenantMismatchException>();
    }

    private Task<BusHost> OpenAsync() => withInbox
        ? Shop.OpenAsync(wire, buses =>
        {
            buses.AddInMemoryInboxOutbox();
            buses.AddConfigureEndpointsCallback((context, _, endpoint) => endpoint.UseInMemoryInboxOutbox(context));
        }, tenancy: Sign)
        : Shop.OpenAsync(wire, configure: (context, bus) => bus.UseInMemoryOutbox(context), tenancy: Sign);

    private static void Sign(MultiTenancyBuilder tenancy) => tenancy.UseTenants(ContractTenants.All).SignTenants(Keys.Use("old"));
}
