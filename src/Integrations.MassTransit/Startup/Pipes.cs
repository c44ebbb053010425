using Freehold.Integrations.MassTransit.Consuming;
using Freehold.Integrations.MassTransit.Sagas;
using Freehold.Integrations.MassTransit.Sending;
using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.MassTransit.Startup;

/// <summary>What goes into the pipes of a bus, or of a mediator.</summary>
internal sealed class Pipes
{
    private readonly ITenantContext _tenants;
    private readonly MessageRequirements _requirements;
    private readonly TenantDelivery _deliveries;
    private readonly TenantStamp _stamp;

    private Pipes(IServiceProvider services, ITenantContext tenants, MessageRequirements requirements, TenantSigner? signer)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Freehold.Integrations.MassTransit");
        _tenants = tenants;
        _requirements = requirements;
        _deliveries = new(services.GetRequiredService<TenantAdmission>(), signer, logger);
        _stamp = new(tenants, requirements, signer);
    }

    public static Pipes Of(IServiceProvider services, Action<MassTransitMultiTenancyOptions>? configure, TenantSigner? signer)
    {
        ArgumentNullException.ThrowIfNull(services);
        var tenants = services.GetService<ITenantContext>() ?? throw new MultiTenancyConfigurationException(
            "The bus uses multi-tenancy, but the application has none. Call AddMultiTenancy on its services.");
        var options = new MassTransitMultiTenancyOptions();
        configure?.Invoke(options);
        return new(services, tenants, new(options), signer);
    }

    public void UseSending<T>(T send) where T : ISendPipelineConfigurator, IPublishPipelineConfigurator, ISendObserverConnector, IPublishObserverConnector
    {
        send.ConfigureSend(pipe => pipe.UseFilter(new StampFilter<SendContext>(_stamp)));
        send.ConfigurePublish(pipe => pipe.UseFilter(new StampFilter<PublishContext>(_stamp)));
        var last = new StampObserver(_stamp);
        send.ConnectSendObserver(last);
        send.ConnectPublishObserver(last);
    }

    /// <returns>What each endpoint needs besides.</returns>
    public RetriedAdmission UseConsuming(IConsumePipeConfigurator consume)
    {
        var retries = new RetriedAdmission(_deliveries);
        consume.AddPrePipeSpecification(new FilterPipeSpecification<ConsumeContext>(new AdmissionFilter(_deliveries)));
        consume.UseFilter(new RefusalFilter(_requirements, retries));
        consume.ConnectConsumerConfigurationObserver(new ConsumerObserver(_deliveries, _tenants));
        consume.ConnectSagaConfigurationObserver(new SagaObserver(_tenants, _requirements));
        consume.ConnectActivityConfigurationObserver(new ActivityObserver(_tenants));
        return retries;
    }
}
