using Freehold.Integrations.MassTransit.Consuming;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Sagas;

/// <summary>Tags the span of each event, which is begun inside the last filter. Of the host's interface one kind of moment matters here.</summary>
internal sealed class StateMachineSpans<TInstance>(ITenantContext tenants) : IEventObserver<TInstance>
    where TInstance : class, SagaStateMachineInstance
{
    public Task PreExecute(BehaviorContext<TInstance> context) => TagAsync();

    public Task PreExecute<T>(BehaviorContext<TInstance, T> context) where T : class => TagAsync();

    public Task PostExecute(BehaviorContext<TInstance> context) => Task.CompletedTask;

    public Task PostExecute<T>(BehaviorContext<TInstance, T> context) where T : class => Task.CompletedTask;

    public Task ExecuteFault(BehaviorContext<TInstance> context, Exception exception) => Task.CompletedTask;

    public Task ExecuteFault<T>(BehaviorContext<TInstance, T> context, Exception exception) where T : class => Task.CompletedTask;

    private Task TagAsync()
    {
        TenantDelivery.TagSpan(tenants);
        return Task.CompletedTask;
    }
}
