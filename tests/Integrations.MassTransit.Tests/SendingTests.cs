using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed class InMemorySendingTests() : Sending(Wire.InMemory);

public sealed class RabbitMqSendingTests() : Sending(Wire.RabbitMq);

public abstract class Sending(Wire wire)
{
    [Fact]
    public async Task Publish_send_request_and_response_carry_the_tenant()
    {
        await using var host = await Shop.OpenAsync(wire, buses => buses.AddRequestClient<Order>());
        var (published, sent, requested) = (host.Script().Plan(), host.Script().Plan(), host.Script().Plan());
        using var scope = Shop.Enter("acme");
        await using var services = host.Services.CreateAsyncScope();

        await host.PlaceAsync("acme", published);
        await (await host.Bus.GetSendEndpoint(new Uri("queue:Order"))).Send(new Order(sent), TestContext.Current.CancellationToken);
        var response = await services.ServiceProvider.GetRequiredService<IRequestClient<Order>>()
            .GetResponse<OrderAccepted>(new(requested), TestContext.Current.CancellationToken);

        foreach (var order in new[] { published, sent, requested })
        {
            (await host.Script().SeenAsync(order)).ShouldBe(new Sight("acme", "acme", "acme"));
        }

        response.Message.Tenant.ShouldBe("acme");
        response.Headers.Get<string>(TenantHeader.Name).ShouldBe("acme");
    }

    [Fact]
    public async Task What_a_consumer_publishes_carries_its_tenant()
    {
        await using var host = await Shop.OpenAsync(wire);
        var next = host.Script().Plan();

        await host.PlaceAsync("acme", host.Script().Plan(consumed => consumed.Publish(new Order(next))));

        (await host.Script().SeenAsync(next)).ShouldBe(new Sight("acme", "acme", "acme"));
    }

    [Fact]
    public async Task What_a_consumer_publishes_inside_another_tenants_scope_carries_that_one()
    {
        await using var host = await Shop.OpenAsync(wire);
        var next = host.Script().Plan();

        await host.PlaceAsync("acme", host.Script().Plan(async consumed =>
        {
            using var scope = Shop.Enter("globex");
            await consumed.Publish(new Order(next));
        }));

        (await host.Script().SeenAsync(next)).ShouldBe(new Sight("globex", "globex", "globex"));
    }

    [Fact]
    public async Task What_a_consumer_publishes_for_nobody_does_not_inherit_the_consumed_messages_header()
    {
        await using var host = await Shop.OpenAsync(wire);
        var notice = host.Script().Plan();

        await host.PlaceAsync("acme", host.Script().Plan(async consumed =>
        {
            using var scope = TenantScope.EnterNone();
            await consumed.Publish(new Notice(notice));
        }));

        (await host.Script().SeenAsync(notice)).ShouldBe(new Sight(null, null, null));
    }

    [Theory]
    [InlineData("acme")]
    [InlineData(null)]
    public async Task A_header_that_the_caller_wrote_is_refused_on_publish_and_on_send(string? ambient)
    {
        await using var host = await Shop.OpenAsync(wire);
        var endpoint = await host.Bus.GetSendEndpoint(new Uri("queue:Notice"));
        using var scope = Shop.Enter(ambient);
        Notice notice = new(host.Script().Plan());

        await Should.ThrowAsync<TenantMismatchException>(host.Bus.Publish<Notice>(notice, context => Forge(context), TestContext.Current.CancellationToken));
        await Should.ThrowAsync<TenantMismatchException>(endpoint.Send<Notice>(notice, context => Forge(context), TestContext.Current.CancellationToken));

        static void Forge(SendContext context) => context.Headers.Set("Tenant-Id", "globex");
    }

    [Fact]
    public async Task A_message_that_needs_a_tenant_is_refused_where_it_is_sent_without_one()
    {
        await using var host = await Shop.OpenAsync(wire);

        var refusal = await Should.ThrowAsync<TenantMissingException>(
            host.Bus.Publish(new Order(Guid.NewGuid()), TestContext.Current.CancellationToken));

        refusal.Message.ShouldContain(typeof(Order).FullName!);
    }
}
