using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests;

public interface ISecondBus : IBus;

public sealed class StartupTests
{
    [Fact]
    public async Task An_application_whose_only_bus_was_forgotten_does_not_start()
    {
        var failure = await Should.ThrowAsync<MultiTenancyConfigurationException>(BusHost.StartHostAsync(services =>
        {
            Shop.AddShop(services);
            services.AddMassTransit(buses => buses.UsingInMemory((context, bus) => bus.ConfigureEndpoints(context)));
        }));

        failure.Message.ShouldContain("bus.UseMultiTenancy(context)");
    }

    [Fact]
    public async Task A_bus_whose_messages_are_nobodys_says_so()
    {
        var host = await BusHost.StartHostAsync(services =>
        {
            Shop.AddShop(services);
            services.AddMassTransit(buses => buses.UsingInMemory((context, bus) =>
                bus.UseMultiTenancy(context, options => options.AllowNoTenant<object>())));
        });

        await host.Services.GetRequiredService<IBus>().Publish(new Order(Guid.NewGuid()), TestContext.Current.CancellationToken);

        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Where_one_bus_has_multi_tenancy_a_sister_without_it_is_found()
    {
        var failure = await Should.ThrowAsync<MultiTenancyConfigurationException>(BusHost.StartHostAsync(services =>
        {
            Shop.AddShop(services);
            services.AddMassTransit(buses => buses.UsingInMemory((context, bus) => bus.UseMultiTenancy(context)));
            services.AddMassTransit<ISecondBus>(buses => buses.UsingInMemory((context, bus) => bus.Host(new Uri("loopback://second/"))));
        }));

        failure.Message.ShouldContain("loopback://second/");
    }

    [Fact]
    public async Task A_bus_in_an_application_without_multi_tenancy_is_found()
    {
        var failure = await Should.ThrowAsync<Exception>(BusHost.StartHostAsync(services =>
            services.AddMassTransit(buses => buses.UsingInMemory((context, bus) => bus.UseMultiTenancy(context)))));

        failure.GetBaseException().ShouldBeOfType<MultiTenancyConfigurationException>().Message.ShouldContain("Call AddMultiTenancy");
    }

    [Fact]
    public async Task Two_buses_of_one_application_keep_to_the_tenant_of_each_message()
    {
        using var host = await BusHost.StartHostAsync(services =>
        {
            Shop.AddShop(services);
            services.AddMassTransit(buses =>
            {
                buses.AddConsumer<OrderConsumer>();
                buses.UsingInMemory(Configure);
            });
            services.AddMassTransit<ISecondBus>(buses =>
            {
                buses.AddConsumer<NoticeConsumer>();
                buses.UsingInMemory(Configure);
            });
        });
        var script = host.Services.GetRequiredService<Script>();
        var (order, notice, orphan) = (script.Plan(), script.Plan(), script.Plan());
        var first = script.Plan(async consumed =>
        {
            using (TenantScope.EnterNone())
            {
                await host.Services.GetRequiredService<ISecondBus>().Publish(new Notice(orphan), consumed.CancellationToken);
            }

            await host.Services.GetRequiredService<ISecondBus>().Publish(new Notice(notice), consumed.CancellationToken);
        });

        foreach (var (tenant, id) in new[] { ("acme", first), ("globex", order) })
        {
            using var scope = Shop.Enter(tenant);
            await host.Services.GetRequiredService<IBus>().Publish(new Order(id), TestContext.Current.CancellationToken);
        }

        (await script.SeenAsync(order)).ShouldBe(new Sight("globex", "globex", "globex"));
        (await script.SeenAsync(notice)).ShouldBe(new Sight("acme", "acme", "acme"));
        (await script.SeenAsync(orphan)).ShouldBe(new Sight(null, null, null));
        await host.StopAsync(TestContext.Current.CancellationToken);

        // Endpoints first: the order does not matter.
        static void Configure(IBusRegistrationContext context, IInMemoryBusFactoryConfigurator bus)
        {
            bus.ConfigureEndpoints(context);
            bus.UseMultiTenancy(context);
        }
    }
}
