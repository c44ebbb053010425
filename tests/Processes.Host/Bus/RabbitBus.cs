using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Processes.Host.Bus;

/// <summary>A bus on a virtual host, with the tenant carried over it.</summary>
internal static class RabbitBus
{
    /// <param name="services">The application's.</param>
    /// <param name="settings">The virtual host, and how much is consumed at once.</param>
    /// <param name="register">Registers consumers.</param>
    /// <param name="configure">Configures the bus before its endpoints.</param>
    public static void Add(
        IServiceCollection services,
        HostSettings settings,
        Action<IBusRegistrationConfigurator>? register = null,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator>? configure = null)
    {
        services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        services.AddMassTransit(buses =>
        {
            register?.Invoke(buses);
            buses.UsingRabbitMq((context, bus) =>
            {
                bus.Host(new Uri(settings.Carrier));
                bus.UseMultiTenancy(context);
                bus.PrefetchCount = (ushort)settings.Workers;
                bus.ConcurrentMessageLimit = settings.Workers;
                configure?.Invoke(context, bus);
                bus.ConfigureEndpoints(context);
            });
        });
    }
}
