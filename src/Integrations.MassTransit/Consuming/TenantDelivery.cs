using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Admits the tenant a message names, and delivers the message in its scope.</summary>
internal sealed class TenantDelivery(TenantAdmission admission, ILogger logger)
{
    public static string? Named(MessageContext context) => context.Headers.Get<string>(TenantHeader.Name);

    public ValueTask<Tenant> AdmitAsync(ConsumeContext context) => AdmitAsync(Named(context), context.CancellationToken);

    public ValueTask<Tenant> AdmitAsync(string? tenant, CancellationToken cancellationToken) =>
        admission.AdmitAsync(tenant, cancellationToken);

    public static async Task DeliverAsync<TContext>(Tenant tenant, TContext context, IPipe<TContext> next) where TContext : class, ConsumeContext
    {
        using var scope = TenantScope.Enter(tenant);
        Activity.Current?.SetTag(TenantTelemetry.TenantId, tenant.Id.Value);
        await next.Send(context).ConfigureAwait(false);
    }

    public void LogRefusal(ConsumeContext context, TenantException refusal) =>
        Log.Refused(logger, context.MessageId, context.ReceiveContext.InputAddress, refusal.Code, refusal.Message);
}
