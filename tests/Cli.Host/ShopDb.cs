using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Cli.Host;

public sealed class Good
{
    public int Id { get; set; }

    public required string Name { get; set; }

    public int Weight { get; set; }
}

/// <summary>A context of three migrations. Where a tenant's schema has a table "Gate" with a row, the last one waits or fails: tests put it there.</summary>
public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Good> Goods => Set<Good>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Good>().Property(good => good.Id).ValueGeneratedNever();
}

[DbContext(typeof(ShopDb)), Migration("20260101000000_Goods")]
public sealed class GoodsTable : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "Goods",
        table => new { Id = table.Column<int>(), Name = table.Column<string>() },
        constraints: table => table.PrimaryKey("PK_Goods", row => row.Id));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("Goods");
}

[DbContext(typeof(ShopDb)), Migration("20260102000000_Weights")]
public sealed class Weights : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<int>("Weight", "Goods", defaultValue: 0);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropColumn("Weight", "Goods");
}

[DbContext(typeof(ShopDb)), Migration("20260103000000_Names")]
public sealed class Names : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateIndex("IX_Goods_Name", "Goods", "Name");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropIndex("IX_Goods_Name", "Goods");
}
