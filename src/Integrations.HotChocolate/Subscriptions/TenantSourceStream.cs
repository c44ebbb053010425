using System.Runtime.CompilerServices;
using HotChocolate.Execution;

namespace Freehold.Integrations.HotChocolate.Subscriptions;

/// <summary>The events of a subscription. It outlives the request that opened it, so the tenant is admitted again for each, before any resolver runs.</summary>
internal sealed class TenantSourceStream(ISourceStream events, Tenant? tenant, TenantAdmission admission, SubscriptionLease lease) : ISourceStream
{
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
            var admitted = await admission.AdmitAsync(opened.Id, cancellationToken).ConfigureAwait(false);
            if (admitted.Placement != opened.Placement)
            {
                throw new TenantUnavailableException(opened.Id.Value, "its data was moved since the subscription was opened. Subscribe again.");
            }

            yield return happened;
        }
    }
}
