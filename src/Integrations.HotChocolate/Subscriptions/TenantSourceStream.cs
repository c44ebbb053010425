using System.Runtime.CompilerServices;
using HotChocolate.Execution;

namespace Freehold.Integrations.HotChocolate.Subscriptions;

/// <summary>The events of a subscription. It outlives the request that opened it, so the tenant is admitted again for each, before any resolver runs.</summary>
internal sealed class TenantSourceStream(ISourceStream events, Tenant? tenant, TenantAdmission admission, SubscriptionLease lease) : ISourceStream
{
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(1);

    public IAsyncEnumerable<object?> ReadEventsAsync() => tenant is null ? events.ReadEventsAsync() : ReadAdmittedAsync(tenant);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await events.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await lease.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<object?> ReadAdmittedAsync(Tenant opened, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var happened in events.ReadEventsAsync().WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var admitted = await AdmitAsync(opened.Id, cancellationToken).ConfigureAwait(false);
            if (admitted.Placement != opened.Placement)
            {
                throw new TenantUnavailableException(opened.Id.Value, "its data was moved since the subscription was opened. Subscribe again.");
            }

            yield return happened;
        }
    }

    // Nobody asked for an event, so nobody can ask again: where a tenant calls too often its events come later.
    private async Task<Tenant> AdmitAsync(TenantId id, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await admission.AdmitAsync(id, cancellationToken).ConfigureAwait(false);
            }
            catch (TenantBusyException busy)
            {
                await Task.Delay(busy.RetryAfter ?? Busy, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
