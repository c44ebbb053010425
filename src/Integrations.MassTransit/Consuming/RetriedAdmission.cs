using System.Collections.Concurrent;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>
/// On each endpoint, inside its retries and the bus's, before the consumer: where nobody could say whether a tenant may come in (the
/// store failed, the tenant is being provisioned), each attempt asks again.
/// </summary>
internal sealed class RetriedAdmission(TenantDelivery deliveries) : IEndpointConfigurationObserver, IFilter<ConsumeContext>
{
    private readonly ConcurrentDictionary<Uri, byte> _endpoints = new();

    /// <summary>False for an endpoint that was configured before multi-tenancy: there the bus's retries must do.</summary>
    public bool Covers(ConsumeContext context) => _endpoints.ContainsKey(context.ReceiveContext.InputAddress);

    public void EndpointConfigured<T>(T configurator) where T : IReceiveEndpointConfigurator
    {
        configurator.UseFilter(this);
        _endpoints[configurator.InputAddress] = 0;
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next) =>
        context.TryGetPayload(out PendingAdmission? pending) && pending!.Reason.IsRetryable
            ? AskAsync(pending, context, next)
            : next.Send(context);

    public async Task AskAsync(PendingAdmission pending, ConsumeContext context, IPipe<ConsumeContext> next)
    {
        Tenant tenant;
        try
        {
            tenant = pending.TakeUnreported() is { } first
                ? throw first
                : await deliveries.AdmitAsync(context).ConfigureAwait(false);
        }
        catch (TenantException e) when (e.IsRetryable)
        {
            await TenantFault.NotifyAsync(context, MessageType.Of(context), e).ConfigureAwait(false);
            throw;
        }
        catch (TenantException e)
        {
            await TenantFault.NotifyAsync(pending.Delivery, MessageType.Of(context), pending.Refuse(e)).ConfigureAwait(false);
            throw new DeliveryRefusedException(e, context.CancellationToken);
        }

        pending.IsRunning = true;
        try
        {
            await TenantDelivery.DeliverAsync(tenant, context, next).ConfigureAwait(false);
        }
        finally
        {
            pending.IsRunning = false;
        }
    }
}
