using Freehold.Integrations.MassTransit.Startup;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

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
    /// <param name="configure">Names messages that may travel without a tenant, and sagas that all tenants share.</param>
    /// <exception cref="MultiTenancyConfigurationException">
    /// <c>AddMultiTenancy</c> was not called on the application's services. Thrown when the bus is built: a saga does not keep its tenant.
    /// </exception>
    public static void UseMultiTenancy(
        this IBusFactoryConfigurator bus, IServiceProvider services, Action<MassTransitMultiTenancyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(bus);
        var pipes = Pipes.Of(services, configure, services.GetService<TenantSigner>());
        pipes.UseSending(bus);
        bus.ConnectEndpointConfigurationObserver(pipes.UseConsuming(bus));
        bus.ConnectBusObserver(new BusMark(services));
    }

    /// <summary>
    /// The same for the mediator: what is sent to it runs for the tenant that is current where it is sent, after admission, or not at all.
    /// Nothing is signed: its messages do not leave the process.
    /// </summary>
    /// <param name="mediator">What <c>ConfigureMediator</c> configures.</param>
    /// <param name="services">The registration context of the same callback, or another provider of the application's services.</param>
    /// <param name="configure">Names messages that may travel without a tenant, and sagas that all tenants share.</param>
    /// <exception cref="MultiTenancyConfigurationException"><c>AddMultiTenancy</c> was not called on the application's services.</exception>
    public static void UseMultiTenancy(
        this IMediatorConfigurator mediator, IServiceProvider services, Action<MassTransitMultiTenancyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(mediator);
        var pipes = Pipes.Of(services, configure, signer: null);
        pipes.UseSending(mediator);
        pipes.UseConsuming(mediator).EndpointConfigured(mediator);
    }
}
