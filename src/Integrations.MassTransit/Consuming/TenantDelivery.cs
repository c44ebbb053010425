using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Admits the tenant a message names, and delivers the message in its scope.</summary>
/// <param name="admission">Decides.</param>
/// <param name="signer">Null where messages do not come from outside the process.</param>
/// <param name="logger">Hears of refusals.</param>
internal sealed class TenantDelivery(TenantAdmission admission, TenantSigner? signer, ILogger logger)
{
    public static string? Named(MessageContext context) => context.Headers.Get<string>(TenantHeader.Name);

    /// <summary>What a tenant is signed with: copied to another message, it does not fit.</summary>
    public static string? Bound(Guid? messageId) => messageId?.ToString("N");

    /// <summary>Is the tenant the message names the one it was sent for?</summary>
    /// <exception cref="TenantUnknownException">It is not, or nobody knows.</exception>
    public void Verify(ConsumeContext context)
    {
        if (signer is { IsOn: true } && Named(context) is { Length: > 0 } tenant)
        {
            signer.Verify(TenantCarrier.Message, tenant, context.Headers.Get<string>(TenantHeader.Signature), Bound(context.MessageId));
        }
    }

    public ValueTask<Tenant> AdmitAsync(ConsumeContext context) => AdmitAsync(Named(context), context.CancellationToken);

    public ValueTask<Tenant> AdmitAsync(string? tenant, CancellationToken cancellationToken) =>
        admission.AdmitAsync(tenant, cancellationToken);

    public static async Task DeliverAsync<TContext>(Tenant tenant, TContext context, IPipe<TContext> next) where TContext : class, ConsumeContext
    {
        using var scope = TenantScope.Enter(tenant);
        Activity.Current?.SetTag(TenantTelemetry.TenantId, tenant.Id.Value);
        await next.Send(context).ConfigureAwait(false);
    }

    public static void TagSpan(ITenantContext tenants)
    {
        if (Activity.Current is { } span && tenants.Current is { } tenant)
        {
            span.SetTag(TenantTelemetry.TenantId, tenant.Id.Value);
        }
    }

    public void LogRefusal(ConsumeContext context, TenantException refusal) =>
        Log.Refused(logger, context.MessageId, context.ReceiveContext.InputAddress, refusal.Code, refusal.Message);
}
