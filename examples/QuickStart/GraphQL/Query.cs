using Freehold;
using Microsoft.EntityFrameworkCore;

namespace QuickStart;

/// <summary>Resolvers run side by side, so each gets a ShopDb of its own: that of the tenant of the request or socket.</summary>
public sealed class Query
{
    public Task<List<Product>> ProductsAsync([TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Products.ToListAsync(cancellationToken);

    public Task<List<Order>> OrdersAsync([TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Orders.OrderBy(order => order.Id).ToListAsync(cancellationToken);
}
