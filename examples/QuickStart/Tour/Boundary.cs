namespace QuickStart.Tour;

/// <summary>A boundary that an order crosses, the table its code writes, and what in the row shows whose data the code read.</summary>
/// <param name="Name">For people.</param>
/// <param name="Table">The table.</param>
/// <param name="Key">The column with the order's id.</param>
/// <param name="Saw">An SQL expression over the row, understood by SQLite and PostgreSQL.</param>
/// <param name="Expected">What that must be, for a tenant's product and a quantity.</param>
/// <param name="Caption">How it is shown.</param>
internal sealed record Boundary(string Name, string Table, string Key, string Saw, Func<Product, int, string> Expected, string Caption)
{
    public static readonly IReadOnlyList<Boundary> All =
    [
        new(
            "HTTP",
            "Requests",
            "Id",
            "CAST(\"Price\" AS text) || ' ' || \"Currency\"",
            (shop, _) => $"{shop.Price} {shop.Currency}",
            "anvils at"),
        new("MediatR", "Orders", "Id", "CAST(\"Total\" AS text)", (shop, quantity) => $"{shop.Price * quantity}", "orders"),
        new("MassTransit", "Shipments", "OrderId", "\"Warehouse\"", (shop, _) => shop.Warehouse, "ships from"),
        new(
            "Hangfire",
            "Invoices",
            "OrderId",
            "CAST(\"Amount\" AS text) || ' ' || \"Currency\"",
            (shop, quantity) => $"{shop.Price * quantity} {shop.Currency}",
            "bills"),
    ];
}
