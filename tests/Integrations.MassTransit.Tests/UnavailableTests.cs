using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed class InMemoryUnavailableTests() : Unavailable(Wire.InMemory)
{
    [Fact]
    public async Task Redelivery_asks_again_too()
    {
        var store = new FailingStore(failures: 1);
        await using var host = await Shop.OpenAsync(
            Wire.InMemory,
            configure: (_, bus) => bus.UseDelayedRedelivery(redelivery => redelivery.Interval(1, TimeSpan.FromMilliseconds(5))),
            tenancy: tenancy => tenancy.UseTenants().SignTenants(Keys.Use("old")).Services.AddSingleton<ITenantStore>(store),
            retries: 0);
        var order = host.Script().Plan();

        await host.PlaceAsync("acme", order);

        (await host.Script().SeenAsync(order)).ShouldBe(new Sight("acme", "acme", "acme"));
        store.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task On_endpoints_configured_before_multi_tenancy_the_retries_of_the_bus_ask_again()
    {
        using var host = await BusHost.StartHostAsync(services =>
        {
            Shop.AddShop(services, tenancy => tenancy.UseTenants().Services.AddSingleton<ITenantStore>(new FailingStore(failures: 2)));
            services.AddMassTransit(buses =>
            {
                buses.AddConsumer<OrderConsumer>();
                buses.UsingInMemory((context, bus) =>
                {
                    bus.UseMessageRetry(retry => retry.Immediate(2));
                    bus.ConfigureEndpoints(context);
                    bus.UseMultiTenancy(context);
                });
            });
        });
        var script = host.Services.GetRequiredService<Script>();
        var order = script.Plan();

        using (Shop.Enter("acme"))
        {
            await host.Services.GetRequiredService<IBus>().Publish(new Order(order), TestContext.Current.CancellationToken);
        }

        (await script.SeenAsync(order)).ShouldBe(new Sight("acme", "acme", "acme"));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }
}

public sealed class RabbitMqUnavailableTests() : Unavailable(Wire.RabbitMq);

/// <summary>A store that fails is no refusal: the configured retries are for that.</summary>
public abstract class Unavailable(Wire wire)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_retry_asks_again_and_the_one_that_is_answered_runs_for_the_tenant(bool retriesOnTheEndpoint)
    {
        var store = new FailingStore(failures: 2);
        await using var host = await OpenAsync(store, retriesOnTheEndpoint);
        var order = host.Script().Plan();

        await host.PlaceAsync("acme", order);

        (await host.Script().SeenAsync(order)).ShouldBe(new Sight("acme", "acme", "acme"));
        var delivery = await host.Deliveries.Of(order).CompletedAsync();
        delivery.Attempts.ShouldBe(3);
        delivery.Fault.ShouldBeNull();
        store.Asked.ShouldBe(3);
    }

    [Fact]
    public async Task What_was_refused_when_the_store_answered_again_is_not_retried_further()
    {
        await using var host = await OpenAsync(new FailingStore(failures: 1), retriesOnTheEndpoint: true);
        var order = host.Script().Plan();

        await host.PlaceAsync("nobody", order);

        var delivery = await host.Deliveries.Of(order).CompletedAsync();
        delivery.Fault.ShouldBeOfType<TenantUnknownException>();
        delivery.Attempts.ShouldBe(2);
        host.Script().WasConsumed(order).ShouldBeFalse();
    }

    [Fact]
    public async Task When_retries_are_used_up_the_requester_gets_the_code()
    {
        await using var host = await OpenAsync(new FailingStore(failures: 3), retriesOnTheEndpoint: true);
        await using var scope = host.Services.CreateAsyncScope();
        using var entered = Shop.Enter("acme");

        var failure = await Should.ThrowAsync<RequestFaultException>(scope.ServiceProvider.GetRequiredService<IRequestClient<Order>>()
            .GetResponse<OrderAccepted>(new(host.Script().Plan()), TestContext.Current.CancellationToken, Visit.Patience));

        $"{failure.Fault!.Exceptions.ShouldHaveSingleItem().Data!["code"]}".ShouldBe(TenantErrorCodes.Unavailable);
    }

    private Task<BusHost> OpenAsync(FailingStore store, bool retriesOnTheEndpoint) => Shop.OpenAsync(
        wire,
        buses =>
        {
            buses.AddRequestClient<Order>();
            if (retriesOnTheEndpoint)
            {
                buses.AddConfigureEndpointsCallback((context, _, endpoint) => endpoint.UseMessageRetry(retry =>
                {
                    retry.Immediate(2);
                    retry.ConnectRetryObserver(context.GetRequiredService<DeliveryLog>());
                }));
            }
        },
        tenancy: tenancy =>
        {
            tenancy.UseTenants();
            tenancy.Services.AddSingleton<ITenantStore>(store);
        });

    protected sealed class FailingStore(int failures) : ITenantStore
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) =>
            Interlocked.Increment(ref _asked) <= failures
                ? throw new IOException("The store is away.")
                : new(Array.Find(ContractTenants.All, tenant => tenant.Id == id));

        public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => ContractTenants.All.ToAsyncEnumerable();
    }
}
