using MassTransit;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace QuickStart;

public sealed record PlaceOrder(Guid RequestId) : IRequest<Order>;

/// <summary>The mediator's boundary: a handler like any other.</summary>
public sealed class PlaceOrderHandler(ShopDb db, IPublishEndpoint bus) : IRequestHandler<PlaceOrder, Order>
{
    public async Task<Order> Handle(PlaceOrder request, CancellationToken cancellationToken)
    {
        var wanted = await db.Requests.SingleAsync(r => r.Id == request.RequestId, cancellationToken);
        var order = new Order
        {
            Id = wanted.Id,
            Product = wanted.Product,
            Quantity = wanted.Quantity,
            Total = wanted.Quantity * wanted.Price,
        };
        db.Orders.Add(order);
        await db.SaveChangesAsync(cancellationToken);

        // The message says which order; whose it is travels in its header.
        await bus.Publish(new OrderPlaced(order.Id), cancellationToken);
        return order;
    }
}
