using Microsoft.EntityFrameworkCore;

namespace QuickStart;

/// <summary>The background job's boundary: built and run for the tenant of whoever enqueued it, now or in a week.</summary>
public sealed class InvoiceJob(ShopDb db)
{
    public async Task RunAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var order = await db.Orders.SingleAsync(o => o.Id == orderId, cancellationToken);
        var product = await db.Products.SingleAsync(p => p.Name == order.Product, cancellationToken);
        db.Invoices.Add(new Invoice { OrderId = orderId, Amount = order.Total, Currency = product.Currency });
        await db.SaveChangesAsync(cancellationToken);
    }
}
