using MassTransit;

namespace Freehold.Integrations.MassTransit.Sending;

/// <summary>Looks last: what a caller writes on a message is written after all filters have run.</summary>
internal sealed class ForgeryObserver(TenantStamp stamp) : ISendObserver, IPublishObserver
{
    public Task PreSend<T>(SendContext<T> context) where T : class => VerifyAsync(context);

    public Task PostSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    public Task PrePublish<T>(PublishContext<T> context) where T : class => VerifyAsync(context);

    public Task PostPublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    private Task VerifyAsync<T>(SendContext<T> context) where T : class
    {
        stamp.Verify(context, typeof(T));
        return Task.CompletedTask;
    }
}
