using System.Runtime.CompilerServices;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using HotChocolate.Execution;
using HotChocolate.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Shop;

[SubscriptionType]
public static partial class Subscriptions
{
    /// <summary>A topic of the same name for everybody: what it delivers says who sent it.</summary>
    [Subscribe(With = nameof(SubscribeToNotesAsync))]
    public static async Task<string> NoteAddedAsync([EventMessage] string sender, [TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        $"{sender} at {await db.Orders.Select(order => order.Owner).FirstAsync(cancellationToken)}";

    public static async ValueTask<ISourceStream<string>> SubscribeToNotesAsync(string name, ITopicEventReceiver receiver, Subscribers subscribers)
    {
        var stream = await receiver.SubscribeAsync<string>("notes");
        subscribers.Tell(name);
        return stream;
    }

    /// <summary>Its subscribe resolver has a context of its own, which it reads from for as long as it runs.</summary>
    [Subscribe(With = nameof(SubscribeToOrdersAsync))]
    public static string OrderSeen([EventMessage] string owner) => owner;

    /// <summary>Its events load rows, in batches.</summary>
    [Subscribe(With = nameof(SubscribeToOrderIdsAsync))]
    public static async Task<Line[]> OrderLoadedAsync([EventMessage] int id, ILinesByOrderIdDataLoader loader, CancellationToken cancellationToken) =>
        await loader.LoadAsync(id, cancellationToken) ?? [];

    public static async IAsyncEnumerable<int> SubscribeToOrderIdsAsync(string name, Subscribers subscribers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var id = 1; id <= 3; id++)
        {
            yield return id;
        }

        await subscribers.Subscribed($"{name} may end").WaitAsync(cancellationToken);
    }

    public static async IAsyncEnumerable<string> SubscribeToOrdersAsync(
        string name, [TenantDb] ShopDb db, Subscribers subscribers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var id = 1; id <= 3; id++)
        {
            yield return await db.Orders.Where(order => order.Id == id).Select(order => order.Owner).SingleAsync(cancellationToken);
        }

        await subscribers.Subscribed($"{name} may end").WaitAsync(cancellationToken);
    }

    /// <summary>Its subscribe resolver fails after it has a context.</summary>
    [Subscribe(With = nameof(FailToSubscribeAsync))]
    public static string NeverSeen([EventMessage] string owner) => owner;

    public static async ValueTask<ISourceStream<string>> FailToSubscribeAsync([TenantDb] ShopDb db)
    {
        _ = await db.Orders.CountAsync();
        throw new InvalidOperationException("The subscribe resolver fails, as the test told it to.");
    }
}
