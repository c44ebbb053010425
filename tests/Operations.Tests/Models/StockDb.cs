using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

public sealed class Part
{
    public Guid Id { get; set; } = Guid.NewGuid();

    public int Number { get; set; }
}

/// <summary>A migration that is one transaction, and one with an index in the middle that is built outside any.</summary>
public sealed class StockDb(DbContextOptions<StockDb> options) : DbContext(options)
{
    public DbSet<Part> Parts => Set<Part>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Part>().Property(part => part.Id).ValueGeneratedNever();
}

[DbContext(typeof(StockDb)), Migration("20260601000000_Parts")]
public sealed class Parts : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "Parts", table => new { Id = table.Column<Guid>(), Number = table.Column<int>() }, constraints: table => table.PrimaryKey("PK_Parts", row => row.Id));
        migrationBuilder.CreateTable("Marks", table => new { Text = table.Column<string>() });
    }
}

[DbContext(typeof(StockDb)), Migration("20260602000000_PartsByNumber")]
public sealed class PartsByNumber : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("INSERT INTO \"Marks\" VALUES ('before')");
        migrationBuilder.Sql("CREATE UNIQUE INDEX CONCURRENTLY \"IX_Parts_Number\" ON \"Parts\" (\"Number\")", suppressTransaction: true);
        migrationBuilder.Sql("INSERT INTO \"Marks\" VALUES ('after') -- done;");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropIndex("IX_Parts_Number", "Parts");
        migrationBuilder.Sql("INSERT INTO \"Marks\" VALUES ('reverted')");
    }
}
