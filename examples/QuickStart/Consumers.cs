using Hangfire;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace QuickStart;

public sealed record OrderPlaced(Guid OrderId);

/// <summary>The bus's boundary: the ShopDb in the constructor is that of the message's tenant.</summary>
public sealed class OrderPlacedConsumer(ShopDb db, IBackgroundJobClient jobs) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        var orderId = context.Message.OrderId;
        var ordered = db.Orders.Where(order => order.Id == orderId);
        var product = await db.Products.SingleAsync(p => ordered.Any(order => order.Product == p.Name), context.CancellationToken);
        db.Shipments.Add(new Shipment { OrderId = orderId, Warehouse = product.Warehouse });
        await db.SaveChangesAsync(context.CancellationToken);

        // The job takes the tenant along by itself.
        jobs.Enqueue<InvoiceJob>(job => job.RunAsync(orderId, CancellationToken.None));
    }
}
