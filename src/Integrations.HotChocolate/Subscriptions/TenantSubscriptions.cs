using Freehold.Integrations.HotChocolate.Requests;
using HotChocolate.Configuration;
using HotChocolate.Execution;
using HotChocolate.Resolvers;
using HotChocolate.Types.Descriptors.Configurations;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Subscriptions;

/// <summary>Puts a watch on every subscribe resolver of a schema, however it was written.</summary>
internal sealed class TenantSubscriptions : TypeInterceptor
{
    public override void OnBeforeCompleteType(ITypeCompletionContext completionContext, TypeSystemConfiguration configuration)
    {
        if (configuration is ObjectTypeConfiguration { Fields: { } fields })
        {
            foreach (var field in fields)
            {
                if (field.SubscribeResolver is { Target: not WatchedSubscription } subscribe)
                {
                    field.SubscribeResolver = new WatchedSubscription(subscribe).SubscribeAsync;
                }
            }
        }
    }

    private sealed class WatchedSubscription(SubscribeResolverDelegate subscribe)
    {
        public async ValueTask<ISourceStream> SubscribeAsync(IResolverContext context)
        {
            var lease = SubscriptionLease.Begin(context);
            try
            {
                var stream = await subscribe(context).ConfigureAwait(false);
                var admission = context.RequestServices.GetRequiredService<TenantAdmission>();
                return new TenantSourceStream(stream, context.Features.Get<TenantRequest>()?.Tenant, admission, lease);
            }
            catch
            {
                await lease.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
