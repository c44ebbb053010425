using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Tags the span of each consumer, which is a child of the delivery's, and keeps batches to one tenant.</summary>
internal sealed class ConsumerObserver(TenantDelivery deliveries, ITenantContext tenants) : IConsumerConfigurationObserver
{
    public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator) where TConsumer : class
    {
        if (typeof(TConsumer).GetInterfaces().Any(consumed => IsOf(consumed, typeof(IConsumer<>)) && IsBatch(consumed.GetGenericArguments()[0])))
        {
            BatchGrouping.Apply(configurator.Options<BatchOptions>());
        }
    }

    public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
        where TConsumer : class
        where TMessage : class
    {
        configurator.UseFilter(new SpanFilter<ConsumerConsumeContext<TConsumer, TMessage>>(tenants));
        if (IsBatch(typeof(TMessage)))
        {
            configurator.Message(message => message.UseFilter(new BatchFilter<TMessage>(deliveries)));
        }
    }

    private static bool IsBatch(Type type) => IsOf(type, typeof(Batch<>));

    private static bool IsOf(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}

internal sealed class SpanFilter<TContext>(ITenantContext tenants) : IFilter<TContext> where TContext : class, PipeContext
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public Task Send(TContext context, IPipe<TContext> next)
    {
        TenantDelivery.TagSpan(tenants);
        return next.Send(context);
    }
}
