using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Freehold.Benchmarks.Hops;

/// <summary>(d) Messages published and consumed on MassTransit's in-memory transport.</summary>
internal sealed class MassTransitTable(Report report, Effort effort)
{
    private static readonly Tenant Acme = new("acme");

    public async Task RunAsync()
    {
        report.Doing("MassTransit");
        using var bare = await StartAsync(withTenancy: false);
        using var again = await StartAsync(withTenancy: false);
        using var tenancy = await StartAsync(withTenancy: true);
        report.Ratios("(d) MassTransit in memory, published and consumed, each message's share of a batch", await new Comparison(
            Publishing("bare MassTransit", bare),
            [
                Publishing("the same once more: the noise", again),
                Publishing("with UseMultiTenancy", tenancy, Aim.Ratio(1.05)),
            ],
            Operations: 1_000,
            effort.Rounds(80)).RunAsync());
        foreach (var host in new[] { bare, again, tenancy })
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
                using var entered = TenantScope.Enter(Acme);
                var all = arrivals.Expect(count);
                for (var i = 0; i < count; i++)
                {
                    await bus.Publish(new Placed(i));
                }

                await all;
            },
            aim);
    }

    private static async Task<IHost> StartAsync(bool withTenancy)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<Arrivals>();
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        if (withTenancy)
        {
            builder.Services.AddMultiTenancy(tenancy => tenancy.UseTenants(Acme));
        }

        builder.Services.AddMassTransit(buses =>
        {
            buses.AddConsumer<PlacedConsumer>();
            buses.UsingInMemory((context, bus) =>
            {
                if (withTenancy)
                {
                    bus.UseMultiTenancy(context);
                }

                bus.ConfigureEndpoints(context);
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
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
