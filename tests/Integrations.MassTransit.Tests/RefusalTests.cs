using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed class InMemoryRefusalTests() : Refusals(Wire.InMemory);

public sealed class RabbitMqRefusalTests() : Refusals(Wire.RabbitMq);

/// <summary>Each test's bus retries twice on the bus and twice on the endpoint.</summary>
public abstract class Refusals(Wire wire)
{
    [Theory]
    [InlineData(null, TenantErrorCodes.Missing, "came without the header tenant-id")]
    [InlineData("nobody", TenantErrorCodes.Unknown, "There is no tenant 'nobody'")]
    [InlineData("frozen", TenantErrorCodes.Suspended, "The tenant 'frozen' is suspended")]
    public async Task A_refused_message_is_in_the_error_queue_after_one_attempt_with_code_and_sentence(string? tenant, string code, string sentence)
    {
        await using var host = await OpenAsync();
        var order = host.Script().Plan();

        await (tenant is null ? host.PlaceForeignAsync(order) : host.PlaceAsync(tenant, order));

        var headers = await host.Deliveries.Of(order).InErrorQueueAsync();
        headers[MessageHeaders.FaultMessage].ShouldContain(sentence);
        headers[MessageHeaders.FaultConsumerType].ShouldContain(code);
        var delivery = await host.Deliveries.Of(order).CompletedAsync();
        delivery.Attempts.ShouldBe(1);
        host.Script().WasConsumed(order).ShouldBeFalse();
    }

    [Theory]
    [InlineData("nobody", TenantErrorCodes.Unknown, typeof(TenantUnknownException))]
    [InlineData("frozen", TenantErrorCodes.Suspended, typeof(TenantSuspendedException))]
    public async Task A_refused_requester_gets_a_fault_with_the_code_and_not_a_timeout(string tenant, string code, Type exception)
    {
        await using var host = await OpenAsync();
        await using var scope = host.Services.CreateAsyncScope();
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<Order>>();
        using var entered = Shop.Enter(tenant);

        var failure = await Should.ThrowAsync<RequestFaultException>(
            client.GetResponse<OrderAccepted>(new(host.Script().Plan()), TestContext.Current.CancellationToken, Visit.Patience));

        var reason = failure.Fault!.Exceptions.ShouldHaveSingleItem();
        reason.ExceptionType.ShouldBe(exception.FullName);
        $"{reason.Data!["code"]}".ShouldBe(code);
    }

    [Fact]
    public async Task The_fault_of_a_refused_message_names_nobody_and_is_readable()
    {
        await using var host = await OpenAsync();
        var order = host.Script().Plan();

        await host.PlaceAsync("nobody", order);

        var fault = await host.Script().SeenAsync(OrderFaultConsumer.IdOf(order));
        fault.ShouldBe(new Sight(null, null, null));
    }

    [Fact]
    public async Task The_fault_of_a_consumer_carries_its_tenant()
    {
        await using var host = await OpenAsync();
        var order = host.Script().Plan(_ => throw new FarSideException());

        await host.PlaceAsync("acme", order);

        var fault = await host.Script().SeenAsync(OrderFaultConsumer.IdOf(order));
        fault.ShouldBe(new Sight("acme", "acme", "acme"));
        var delivery = await host.Deliveries.Of(order).CompletedAsync();
        delivery.Attempts.ShouldBe(3, "what is no refusal is retried");
    }

    [Fact]
    public async Task A_message_of_a_type_that_the_options_allow_needs_no_tenant()
    {
        await using var host = await Shop.OpenAsync(wire, options: options => options.AllowNoTenant<Order>());
        var order = host.Script().Plan();

        await host.Bus.Publish(new Order(order), context => context.MessageId = order, TestContext.Current.CancellationToken);

        (await host.Script().SeenAsync(order)).ShouldBe(new Sight(null, null, null));
    }

    [Fact]
    public async Task A_handler_of_an_endpoint_written_by_hand_is_refused_and_served_like_a_consumer()
    {
        var handled = new List<string?>();
        await using var host = await Shop.OpenAsync(wire, configure: (context, bus) => bus.ReceiveEndpoint("by-hand", endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Handler<Order>(_ =>
            {
                handled.Add(context.GetRequiredService<ITenantContext>().Current?.Id.Value);
                return Task.CompletedTask;
            });
        }));
        var endpoint = await host.Bus.GetSendEndpoint(new Uri("queue:by-hand"));
        var (foreign, own) = (Guid.NewGuid(), Guid.NewGuid());

        await endpoint.Send(new ForeignOrder(foreign), context => context.MessageId = foreign, TestContext.Current.CancellationToken);
        using (Shop.Enter("acme"))
        {
            await endpoint.Send(new Order(own), context => context.MessageId = own, TestContext.Current.CancellationToken);
        }

        (await host.Deliveries.Of(foreign).CompletedAsync()).Fault.ShouldBeOfType<TenantMissingException>();
        await host.Deliveries.Of(own).CompletedAsync();
        handled.ShouldBe(["acme"]);
    }

    // A second layer of retries, and a queue that collects what the error queue's own consumer would refuse.
    private Task<BusHost> OpenAsync() => Shop.OpenAsync(wire, buses =>
    {
        buses.AddConfigureEndpointsCallback((context, _, endpoint) => endpoint.UseMessageRetry(retry =>
        {
            retry.Immediate(2);
            retry.ConnectRetryObserver(context.GetRequiredService<DeliveryLog>());
        }));
        buses.AddRequestClient<Order>();
    }, (_, bus) => bus.ReceiveEndpoint("Order_error", endpoint =>
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.Handler<Order>(_ => Task.CompletedTask);
    }));
}
