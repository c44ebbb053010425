using Freehold;
using HotChocolate;
using HotChocolate.Subscriptions;
using MediatR;

namespace QuickStart;

/// <summary>Places orders as Api.cs does: what follows, through mediator, bus and job, is the same.</summary>
public sealed class Mutation
{
    public async Task<Order> PlaceOrderAsync(
        string product, int quantity, [TenantDb] ShopDb db, ISender mediator, ITopicEventSender events, CancellationToken cancellationToken)
    {
        var sold = await db.Products.FindAsync([product], cancellationToken);
        if (sold is null || quantity < 1)
        {
            throw new GraphQLException("Order one or more of the products.");
        }

        var request = Request.For(sold, quantity);
        db.Requests.Add(request);
        await db.SaveChangesAsync(cancellationToken);
        var order = await mediator.Send(new PlaceOrder(request.Id), cancellationToken);
        await events.SendAsync(nameof(Subscription.OrderPlacedAsync), order.Id, cancellationToken);
        return order;
    }
}
