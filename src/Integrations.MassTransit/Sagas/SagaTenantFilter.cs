using MassTransit;

namespace Freehold.Integrations.MassTransit.Sagas;

/// <summary>After the instance was found or made, before it sees the message: is it this tenant's?</summary>
internal sealed class SagaTenantFilter<TSaga, TMessage>(ITenantContext tenants) : IFilter<SagaConsumeContext<TSaga, TMessage>>
    where TSaga : class, ISaga
    where TMessage : class
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public Task Send(SagaConsumeContext<TSaga, TMessage> context, IPipe<SagaConsumeContext<TSaga, TMessage>> next)
    {
        var (owner, tenant) = (SagaOwner.Of(context.Saga), tenants.Current?.Id.Value);
        if (string.IsNullOrEmpty(owner))
        {
            if (tenant is not null)
            {
                SagaOwner.Set(context.Saga, tenant);
            }
        }
        else if (owner != tenant)
        {
            throw SagaRefusal.Of(new TenantMismatchException(
                owner, tenant ?? "none", $"The saga {typeof(TSaga).FullName} {context.Saga.CorrelationId}, met by a message {typeof(TMessage).FullName}"));
        }

        return next.Send(context);
    }
}
