using Freehold.Integrations.MassTransit;
using Freehold.Integrations.MassTransit.Consuming;
using Freehold.Integrations.MassTransit.Sending;
using Freehold.Integrations.MassTransit.Startup;
using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Freehold;

/// <summary>Carries the tenant over a MassTransit bus.</summary>
public static class MassTransitMultiTenancyExtensions
{
    /// <summary>
    /// Stamps the current tenant on all that the bus sends, publishes, requests and responds, and runs every delivery for the tenant that
    /// the message names, or not at all. The order in which this and endpoints are configured does not matter.
    /// </summary>
    /// <param name="bus">What <c>UsingRabbitMq</c> or <c>UsingInMemory</c> configures.</param>
    /// <param name="services">The registration context of the same callback, or another provider of the application's services.</param>
    /// <param name="configure">Names messages that may travel without a tenant.</param>
    /// <exception cref="MultiTenancyConfigurationException"><c>AddMultiTenancy</c> was not called on the application's services.</exception>
    public static void UseMultiTenancy(
        this IBusFactoryConfigurator bus, IServiceProvider services, Action<MassTransitMultiTenancyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(services);
        var tenants = services.GetService<ITenantContext>() ?? throw new MultiTenancyConfigurationException(
            "The bus uses multi-tenancy, but the application has none. Call AddMultiTenancy on its services.");
        var options = new MassTransitMultiTenancyOptions();
        configure?.Invoke(options);

        var requirements = new MessageRequirements(options);
        UseSending(bus, new TenantStamp(tenants, requirements));
        UseConsuming(bus, services, requirements);
        bus.ConnectBusObserver(new BusMark(services));
    }

    /// <summary>
    /// Makes an application refuse to start while a bus of it lacks <see cref="UseMultiTenancy"/>. Where one bus has it, the others are
    /// checked without this; it is for the application whose only bus was forgotten.
    /// </summary>
    /// <param name="buses">What <c>AddMassTransit</c> configures.</param>
    /// <returns><paramref name="buses"/>.</returns>
    public static IBusRegistrationConfigurator AddMultiTenancy(this IBusRegistrationConfigurator buses)
    {
        ArgumentNullException.ThrowIfNull(buses);
        buses.TryAddEnumerable(ServiceDescriptor.Singleton<IBusObserver, BusCheck>());
        return buses;
    }

    private static void UseSending(IBusFactoryConfigurator bus, TenantStamp stamp)
    {
        bus.ConfigureSend(pipe => pipe.UseFilter(new StampFilter<SendContext>(stamp)));
        bus.ConfigurePublish(pipe => pipe.UseFilter(new StampFilter<PublishContext>(stamp)));
        var forgeries = new ForgeryObserver(stamp);
        bus.ConnectSendObserver(forgeries);
        bus.ConnectPublishObserver(forgeries);
    }

    private static void UseConsuming(IBusFactoryConfigurator bus, IServiceProvider services, MessageRequirements requirements)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Freehold.Integrations.MassTransit");
        var deliveries = new TenantDelivery(services.GetRequiredService<TenantAdmission>(), logger);
        bus.AddPrePipeSpecification(new FilterPipeSpecification<ConsumeContext>(new AdmissionFilter(deliveries)));
        var retries = new RetriedAdmission(deliveries);
        bus.UseFilter(new RefusalFilter(requirements, retries));
        bus.ConnectEndpointConfigurationObserver(retries);
        bus.ConnectConsumerConfigurationObserver(new ConsumerObserver(deliveries, services.GetRequiredService<ITenantContext>()));
    }
}
