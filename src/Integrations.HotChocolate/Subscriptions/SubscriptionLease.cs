using HotChocolate.Resolvers;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Integrations.HotChocolate.Subscriptions;

/// <summary>The contexts of a subscribe resolver, for as long as its subscription: HotChocolate never runs the clean-ups of those resolvers.</summary>
internal sealed class SubscriptionLease : IAsyncDisposable
{
    private const string Key = "freehold.subscription";

    private readonly List<DbContext> _contexts = [];

    /// <summary>Null where the resolver is none that subscribes.</summary>
    public static SubscriptionLease? Of(IResolverContext context) =>
        context.LocalContextData.TryGetValue(Key, out var lease) ? (SubscriptionLease?)lease : null;

    public static SubscriptionLease Begin(IResolverContext context)
    {
        var lease = new SubscriptionLease();
        context.LocalContextData = context.LocalContextData.SetItem(Key, lease);
        return lease;
    }

    public void Add(DbContext context) => _contexts.Add(context);

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync().ConfigureAwait(false);
        }

        _contexts.Clear();
    }
}
