using System.Diagnostics;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Tags the span of each consumer, which is a child of the delivery's, and guards those of batches.</summary>
internal sealed class ConsumerObserver(TenantDelivery deliveries, ITenantContext tenants) : IConsumerConfigurationObserver
{
    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator) where TConsumer : class
    {
    }

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class
    {
        configurator.UseFilter(new SpanFilter<ConsumerConsumeContext<TConsumer, TMessage>>(tenants));
        if (typeof(TMessage) is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Batch<>))
        {
            configurator.Message(message => message.UseFilter(new BatchFilter<TMessage>(deliveries)));
        }
    }
}

internal sealed class SpanFilter<TContext>(ITenantContext tenants) : IFilter<TContext> where TContext : class, PipeContext
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public Task Send(TContext context, IPipe<TContext> next)
    {
        if (Activity.Current is { } span && tenants.Current is { } tenant)
        {
            span.SetTag(TenantTelemetry.TenantId, tenant.Id.Value);
        }

        return next.Send(context);
    }
}
