using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Shop;

internal static class OrderLoaders
{
    [DataLoader]
    public static async Task<IReadOnlyDictionary<int, Line[]>> GetLinesByOrderIdAsync(IReadOnlyList<int> orderIds, ShopDb db, CancellationToken cancellationToken) =>
        await db.Lines.AsNoTracking().Where(line => orderIds.Contains(line.OrderId)).GroupBy(line => line.OrderId)
            .ToDictionaryAsync(lines => lines.Key, lines => lines.ToArray(), cancellationToken);

    [DataLoader]
    public static async Task<IReadOnlyDictionary<int, Order>> GetOrderByIdAsync(IReadOnlyList<int> ids, ShopDb db, CancellationToken cancellationToken) =>
        await db.Orders.AsNoTracking().Where(order => ids.Contains(order.Id)).ToDictionaryAsync(order => order.Id, cancellationToken);
}
