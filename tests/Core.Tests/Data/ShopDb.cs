using Microsoft.EntityFrameworkCore;

namespace Freehold.Core.Tests.Data;

/// <summary>An application's context as a user writes it: no base class, nothing of tenants but the shared table.</summary>
public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    public DbSet<Product> Products => Set<Product>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Product>().IsShared();
        modelBuilder.Entity<Order>().HasMany(order => order.Lines).WithOne(line => line.Order).HasForeignKey(line => line.OrderId);
        modelBuilder.Entity<Order>().Property(order => order.Version).IsConcurrencyToken();
    }
}

/// <summary>A context with tenant tables only, which every isolation can hold.</summary>
public sealed class PlainDb(DbContextOptions<PlainDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Order>().HasMany(order => order.Lines).WithOne(line => line.Order).HasForeignKey(line => line.OrderId);
        modelBuilder.Entity<Line>().Ignore(line => line.Product);
    }
}

/// <summary>The tables that all tenants share.</summary>
public sealed class CatalogDb(DbContextOptions<CatalogDb> options) : DbContext(options)
{
    public DbSet<Product> Products => Set<Product>();
}

public sealed class Order
{
    public int Id { get; set; }

    /// <summary>The stamp that shows whose row this is.</summary>
    public required string Owner { get; set; }

    public int Version { get; set; }

    public List<Line> Lines { get; set; } = [];
}

public sealed class Line
{
    public int Id { get; set; }

    public required string Owner { get; set; }

    public int OrderId { get; set; }

    public Order? Order { get; set; }

    public int? ProductId { get; set; }

    public Product? Product { get; set; }
}

public sealed class Product
{
    public int Id { get; set; }

    public required string Name { get; set; }
}
