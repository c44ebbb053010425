using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.MassTransit.Tests.Hosting;

/// <summary>An application with one bus, retries on bus and endpoints, and a log of what became of each message.</summary>
public sealed class BusHost : IAsyncDisposable
{
    // As many as the contract's Overlap: what meets there must be all that runs.
    private const int Workers = 20;

    private readonly IHost _host;

    private BusHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    public DeliveryLog Deliveries => Services.GetRequiredService<DeliveryLog>();

    public static async Task<BusHost> StartAsync(
        Wire wire,
        Action<IServiceCollection> configureServices,
        Action<IBusRegistrationConfigurator> register,
        Action<IBusRegistrationContext, IBusFactoryConfigurator>? configure = null,
        Action<MassTransitMultiTenancyOptions>? options = null,
        int retries = 2)
    {
        var open = await wire.OpenAsync();
        var host = await StartHostAsync(services =>
        {
            configureServices(services);
            services.AddMassTransit(buses =>
            {
                register(buses);
                open(buses, (context, bus) =>
                {
                    bus.UseMultiTenancy(context, options);
                    Observe(context, bus, retries);
                    configure?.Invoke(context, bus);
                    bus.PrefetchCount = Workers;
                    bus.ConcurrentMessageLimit = Workers;
                    ConfigureEndpoints(context, bus);
                });
            });
        });
        return new(host);
    }

    public static async Task<IHost> StartHostAsync(Action<IServiceCollection> configureServices)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.Services.AddSingleton<DeliveryLog>();
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        configureServices(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static void Observe(IBusRegistrationContext context, IBusFactoryConfigurator bus, int retries)
    {
        var log = context.GetRequiredService<DeliveryLog>();
        bus.ConnectReceiveObserver(log);
        if (retries > 0)
        {
            bus.UseMessageRetry(retry =>
            {
                retry.Immediate(retries);
                retry.ConnectRetryObserver(log);
            });
        }
    }

    private static void ConfigureEndpoints(IBusRegistrationContext context, IBusFactoryConfigurator bus)
    {
        switch (bus)
        {
            case IInMemoryBusFactoryConfigurator memory:
                memory.ConfigureEndpoints(context);
                break;
            case IRabbitMqBusFactoryConfigurator rabbit:
                rabbit.ConfigureEndpoints(context);
                break;
        }
    }
}
