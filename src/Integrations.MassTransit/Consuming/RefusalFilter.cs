using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Where the type of the message is known, before any consumer: lets pass what needs no tenant, and refuses with a fault.</summary>
internal sealed class RefusalFilter(MessageRequirements requirements, RetriedAdmission retries) : IFilter<ConsumeContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next) =>
        context.TryGetPayload(out PendingAdmission? pending) ? SendAsync(pending!, context, next) : next.Send(context);

    private async Task SendAsync(PendingAdmission pending, ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var type = MessageType.Of(context);
        if (pending.Reason is TenantMissingException && (type is null || requirements.Of(type) == MessageRequirement.Tenant))
        {
            pending.Refuse(Missing(type));
        }

        if (pending.Refusal is { } refusal)
        {
            await TenantFault.NotifyAsync(pending.Delivery, type, refusal).ConfigureAwait(false);
            throw new DeliveryRefusedException(refusal, context.CancellationToken);
        }

        var askHere = pending.Reason.IsRetryable && !retries.Covers(context);
        await (askHere ? retries.AskAsync(pending, context, next) : next.Send(context)).ConfigureAwait(false);
    }

    private static TenantMissingException Missing(Type? type) => new(
        $"A message {type?.FullName} needs a tenant, and came without the header {TenantHeader.Name}. Send it from a bus with "
        + "UseMultiTenancy inside a tenant's scope, or mark the message with [AllowNoTenant].");
}
