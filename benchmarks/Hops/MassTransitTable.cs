using Freehold.Shared;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Freehold.Benchmarks.Hops;

/// <summary>Messages published and consumed on MassTransit, in memory or over RabbitMQ.</summary>
internal sealed class MassTransitTable(Report report, Effort effort)
{
    public Task InMemoryAsync() => RunAsync("in memory", Aim.Ratio(1.05), 1_000, () => Task.FromResult<Uri?>(null));

    public Task RabbitMqAsync() => RunAsync(
        "on RabbitMQ", Aim.Ratio(1.02), 200, async () => (await (await RabbitServer.GetAsync()).CreateVirtualHostAsync()).Uri);

    private async Task RunAsync(string where, Aim aim, int operations, Func<Task<Uri?>> openAsync)
    {
        report.Doing($"MassTransit {where}");
        using var bare = await StartAsync(Hop.Bare, await openAsync());
        using var again = await StartAsync(Hop.Bare, await openAsync());
        using var tenancy = await StartAsync(Hop.Tenancy, await openAsync());
        using var signed = await StartAsync(Hop.Signed, await openAsync());
        report.Ratios($"MassTransit {where}, published and consumed, each message's share of a batch", await new Comparison(
            Publishing("bare MassTransit", bare),
            [
                Publishing("the same once more: the noise", again),
                Publishing("with UseMultiTenancy", tenancy, aim),
                Publishing("with UseMultiTenancy and SignTenants", signed),
            ],
            operations,
            effort.Rounds(80)).RunAsync());
        foreach (var host in new[] { bare, again, tenancy, signed })
        {
            await host.StopAsync();
        }
    }

    private static Candidate Publishing(string name, IHost host, Aim? aim = null)
    {
        var bus = host.Services.GetRequiredService<IBus>();
        var arrivals = host.Services.GetRequiredService<Arrivals>();
        return new(
            name,
            async count =>
            {
                using var entered = TenantScope.Enter(HopExtensions.Acme);
                var all = arrivals.Expect(count);
                for (var i = 0; i < count; i++)
                {
                    await bus.Publish(new Placed(i));
                }

                await all;
            },
            aim);
    }

    private static async Task<IHost> StartAsync(Hop hop, Uri? broker)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<Arrivals>();
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        hop.AddTo(builder.Services);
        builder.Services.AddMassTransit(buses =>
        {
            buses.AddConsumer<PlacedConsumer>();
            if (broker is null)
            {
                buses.UsingInMemory((context, bus) => Configure(context, bus));
            }
            else
            {
                buses.UsingRabbitMq((context, bus) =>
                {
                    bus.Host(broker);
                    Configure(context, bus);
                });
            }
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;

        void Configure<TEndpoint>(IBusRegistrationContext context, IBusFactoryConfigurator<TEndpoint> bus) where TEndpoint : IReceiveEndpointConfigurator
        {
            if (hop != Hop.Bare)
            {
                bus.UseMultiTenancy(context);
            }

            bus.ConfigureEndpoints(context);
        }
    }

    internal sealed record Placed(int Order);

    internal sealed class PlacedConsumer(Arrivals arrivals) : IConsumer<Placed>
    {
        public Task Consume(ConsumeContext<Placed> context)
        {
            arrivals.Arrived();
            return Task.CompletedTask;
        }
    }
}
