using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>A batch runs on the flow of whatever message or timer filled it: says for whom, and refuses one of several tenants.</summary>
internal sealed class BatchFilter<TBatch>(TenantDelivery deliveries) : IFilter<ConsumeContext<TBatch>> where TBatch : class
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public async Task Send(ConsumeContext<TBatch> context, IPipe<ConsumeContext<TBatch>> next)
    {
        using var none = TenantScope.EnterNone();
        var messages = (IEnumerable<MessageContext>)context.Message;
        var tenants = messages.Select(TenantDelivery.Named).Distinct(StringComparer.Ordinal).ToArray();
        switch (tenants)
        {
            case [{ Length: > 0 } named]:
                var tenant = await deliveries.AdmitAsync(named, context.CancellationToken).ConfigureAwait(false);
                await TenantDelivery.DeliverAsync(tenant, context, next).ConfigureAwait(false);
                break;
            case [_]:
                await next.Send(context).ConfigureAwait(false);
                break;
            default:
                throw new TenantMismatchException(
                    tenants[0] ?? "none",
                    tenants[1] ?? "none",
                    $"A batch mixes tenants; group it with BatchOptions.GroupBy on the header {TenantHeader.Name}. Its first message");
        }
    }
}
