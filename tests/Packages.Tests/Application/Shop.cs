using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Shop;

public sealed record PlaceOrder(Guid Id, string Item) : IRequest;

public sealed record OrderPlaced(Guid OrderId);

public sealed class Order
{
    public Guid Id { get; set; }

    public required string Item { get; set; }

    public bool Invoiced { get; set; }
}

public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();
}

[DbContext(typeof(ShopDb)), Migration("20260101000000_Orders")]
public sealed class Orders : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "Orders",
        table => new { Id = table.Column<Guid>(), Item = table.Column<string>(), Invoiced = table.Column<bool>() },
        constraints: table => table.PrimaryKey("PK_Orders", row => row.Id));
}
