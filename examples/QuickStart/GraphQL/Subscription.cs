using Freehold;
using HotChocolate;
using HotChocolate.Types;
using Microsoft.EntityFrameworkCore;

namespace QuickStart;

/// <summary>The topic has the same name for every tenant, and is another one for each.</summary>
public sealed class Subscription
{
    [Subscribe, Topic(nameof(OrderPlacedAsync))]
    public Task<Order> OrderPlacedAsync([EventMessage] Guid orderId, [TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Orders.SingleAsync(order => order.Id == orderId, cancellationToken);
}
