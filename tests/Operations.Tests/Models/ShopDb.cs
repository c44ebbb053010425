using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

public sealed class Order
{
    public Guid Id { get; set; } = Guid.NewGuid();

    public required string Item { get; set; }
}

public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>().Property(order => order.Id).ValueGeneratedNever();
}

[DbContext(typeof(ShopDb)), Migration("20260101000000_Orders")]
public sealed class Orders : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "Orders", table => new { Id = table.Column<Guid>(), Item = table.Column<string>() }, constraints: table => table.PrimaryKey("PK_Orders", row => row.Id));
}

[DbContext(typeof(ShopDb)), Migration("20260102000000_OrdersByItem")]
public sealed class OrdersByItem : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateIndex("IX_Orders_Item", "Orders", "Item");
}
