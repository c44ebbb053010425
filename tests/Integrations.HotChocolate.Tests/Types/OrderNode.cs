using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Shop;

[ObjectType<Order>]
public static partial class OrderNode
{
    [NodeResolver]
    public static Task<Order?> GetOrderNodeAsync(int id, [TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.Id == id, cancellationToken);

    public static Task<List<Line>> GetLinesAsync([Parent] Order order, [TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Lines.AsNoTracking().Where(line => line.OrderId == order.Id).ToListAsync(cancellationToken);

    public static async Task<Line[]> GetLoadedLinesAsync([Parent] Order order, ILinesByOrderIdDataLoader loader, CancellationToken cancellationToken) =>
        await loader.LoadAsync(order.Id, cancellationToken) ?? [];

    [BatchResolver]
    public static async Task<List<string>> GetBatchedOwnerAsync([Parent] List<Order> orders, [TenantDb] ShopDb db)
    {
        var ids = orders.ConvertAll(order => order.Id);
        var owners = await db.Orders.Where(order => ids.Contains(order.Id)).ToDictionaryAsync(order => order.Id, order => order.Owner);
        return ids.ConvertAll(id => owners[id]);
    }
}

[ObjectType<Line>]
public static partial class LineNode
{
    public static Task<Order?> GetOrderAsync([Parent] Line line, IOrderByIdDataLoader loader, CancellationToken cancellationToken) =>
        loader.LoadAsync(line.OrderId, cancellationToken);

    public static Task<string> GetOrderOwnerAsync([Parent] Line line, [TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Orders.Where(order => order.Id == line.OrderId).Select(order => order.Owner).SingleAsync(cancellationToken);
}
