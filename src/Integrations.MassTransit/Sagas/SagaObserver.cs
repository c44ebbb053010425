using MassTransit;

namespace Freehold.Integrations.MassTransit.Sagas;

/// <summary>Guards each saga, and tags the spans of state machines.</summary>
internal sealed class SagaObserver(ITenantContext tenants, MessageRequirements requirements) : ISagaConfigurationObserver
{
    public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator) where TSaga : class, ISaga
    {
    }

    public void StateMachineSagaConfigured<TInstance>(ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
        where TInstance : class, ISaga, SagaStateMachineInstance =>
        stateMachine.ConnectEventObserver(new StateMachineSpans<TInstance>(tenants));

    public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
        where TSaga : class, ISaga
        where TMessage : class
    {
        if (SagaOwner.IsKeptBy(typeof(TSaga)))
        {
            configurator.UseFilter(new SagaTenantFilter<TSaga, TMessage>(tenants));
            ((ISagaMessageConfigurator<TMessage>)configurator).UseFilter(new SagaRefusal<TMessage>());
        }
        else if (requirements.Of(typeof(TMessage)) == MessageRequirement.Tenant && !requirements.AllowsShared(typeof(TSaga)))
        {
            throw new MultiTenancyConfigurationException(
                $"The saga {typeof(TSaga).FullName} does not keep its tenant, so a message {typeof(TMessage).FullName} of another tenant with the same "
                + $"correlation id would drive it. Let it implement {nameof(ITenantSaga)}, or, where its repository is each tenant's own, say "
                + $"options.AllowSharedSaga<{typeof(TSaga).Name}>() in UseMultiTenancy.");
        }
    }
}
