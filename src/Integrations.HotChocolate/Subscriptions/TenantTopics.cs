using HotChocolate.Execution;
using HotChocolate.Subscriptions;

namespace Freehold.Integrations.HotChocolate.Subscriptions;

/// <summary>Around a provider's sender and receiver: topics of the same name are another topic for each tenant, and one more for nobody.</summary>
internal sealed class TenantTopics(ITenantContext tenants, bool allowNoTenant)
{
    // A tenant's id has no colon, so no topic of one is ever a topic of another.
    public string Name(string topic) => tenants.Current switch
    {
        { } tenant => $"tenant:{tenant.Id}:{topic}",
        null when allowNoTenant => $"nobody:{topic}",
        null => throw new TenantMissingException(
            $"The topic '{topic}' is each tenant's own, and no tenant is current here. Enter one with TenantScope.Enter, or call AddTenantTopics(allowNoTenant: true)."),
    };
}

internal sealed class TenantTopicSender(ITopicEventSender provider, TenantTopics topics) : ITopicEventSender
{
    public ValueTask SendAsync<TMessage>(string topicName, TMessage message, CancellationToken cancellationToken = default) =>
        provider.SendAsync(topics.Name(topicName), message, cancellationToken);

    public ValueTask CompleteAsync(string topicName) => provider.CompleteAsync(topics.Name(topicName));
}

internal sealed class TenantTopicReceiver(ITopicEventReceiver provider, TenantTopics topics) : ITopicEventReceiver
{
    public ValueTask<ISourceStream<TMessage>> SubscribeAsync<TMessage>(string topicName, CancellationToken cancellationToken = default) =>
        provider.SubscribeAsync<TMessage>(topics.Name(topicName), cancellationToken);

    public ValueTask<ISourceStream<TMessage>> SubscribeAsync<TMessage>(
        string topicName, int? bufferCapacity, TopicBufferFullMode? bufferFullMode, CancellationToken cancellationToken = default) =>
        provider.SubscribeAsync<TMessage>(topics.Name(topicName), bufferCapacity, bufferFullMode, cancellationToken);
}
