using MassTransit;

namespace Freehold.Integrations.MassTransit.Sending;

/// <summary>Looks last: what a caller writes on a message, its id too, is written after all filters have run.</summary>
internal sealed class StampObserver(TenantStamp stamp) : ISendObserver, IPublishObserver
{
    public Task PreSend<T>(SendContext<T> context) where T : class => CompleteAsync(context);

    public Task PostSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    public Task PrePublish<T>(PublishContext<T> context) where T : class => CompleteAsync(context);

    public Task PostPublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    private Task CompleteAsync<T>(SendContext<T> context) where T : class
    {
        LateLook.Withdraw(context);
        stamp.Complete(context, typeof(T));
        return Task.CompletedTask;
    }
}
