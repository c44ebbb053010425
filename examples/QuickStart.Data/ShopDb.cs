using Microsoft.EntityFrameworkCore;

namespace QuickStart;

/// <summary>An ordinary DbContext. Whoever gets one injected gets that of the tenant being served.</summary>
public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Product> Products => Set<Product>();

    public DbSet<Request> Requests => Set<Request>();

    public DbSet<Order> Orders => Set<Order>();

    public DbSet<Shipment> Shipments => Set<Shipment>();

    public DbSet<Invoice> Invoices => Set<Invoice>();
}
