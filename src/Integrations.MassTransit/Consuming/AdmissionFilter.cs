using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>
/// Before everything, once per delivery: says for whom it runs, also when that is nobody. Receive loops keep for ever the execution
/// context they were connected in, so not to say it would mean somebody else.
/// </summary>
internal sealed class AdmissionFilter(TenantDelivery deliveries) : IFilter<ConsumeContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        using var none = TenantScope.EnterNone();
        try
        {
            await AdmitAndSendAsync(context, next).ConfigureAwait(false);
        }
        catch (DeliveryRefusedException e)
        {
            deliveries.LogRefusal(context, e.Refusal);
            throw e.Refusal;
        }
    }

    private async Task AdmitAndSendAsync(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        Tenant tenant;
        try
        {
            deliveries.Verify(context);
            tenant = await deliveries.AdmitAsync(context).ConfigureAwait(false);
        }
        catch (TenantException e)
        {
            await SendPendingAsync(new(context, e), context, next).ConfigureAwait(false);
            return;
        }

        await TenantDelivery.DeliverAsync(tenant, context, next).ConfigureAwait(false);
    }

    private static async Task SendPendingAsync(PendingAdmission pending, ConsumeContext context, IPipe<ConsumeContext> next)
    {
        context.AddOrUpdatePayload(() => pending, _ => pending);
        try
        {
            await next.Send(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (pending.Refusal is not null)
        {
            // Said below, in the refusal's own words.
        }

        if (pending.Refusal is { } refusal)
        {
            throw new DeliveryRefusedException(refusal, context.CancellationToken);
        }
    }
}
