using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

public enum Mood
{
    Bright,
    Dark,
}

public sealed class Day
{
    public Guid Id { get; set; } = Guid.NewGuid();

    public Mood Mood { get; set; }
}

/// <summary>An enum type in the types' schema, and an index that is built outside any transaction.</summary>
public sealed class DiaryDb(DbContextOptions<DiaryDb> options) : DbContext(options)
{
    public DbSet<Day> Days => Set<Day>();
}

[DbContext(typeof(DiaryDb)), Migration("20260201000000_Days")]
public sealed class Days : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AlterDatabase().Annotation("Npgsql:Enum:types.mood", "bright");
        migrationBuilder.CreateTable(
            "Days", table => new { Id = table.Column<Guid>(), Mood = table.Column<Mood>("types.mood") }, constraints: table => table.PrimaryKey("PK_Days", row => row.Id));
    }
}

[DbContext(typeof(DiaryDb)), Migration("20260202000000_DarkDays")]
public sealed class DarkDays : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AlterDatabase()
        .Annotation("Npgsql:Enum:types.mood", "bright,dark").OldAnnotation("Npgsql:Enum:types.mood", "bright");
}

[DbContext(typeof(DiaryDb)), Migration("20260203000000_DaysByMood")]
public sealed class DaysByMood : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("CREATE INDEX CONCURRENTLY \"IX_Days_Mood\" ON \"Days\" (\"Mood\")", suppressTransaction: true);
}

public sealed class Country
{
    public required string Id { get; set; }
}

public sealed class GeoDb(DbContextOptions<GeoDb> options) : DbContext(options)
{
    public DbSet<Country> Countries => Set<Country>();
}

[DbContext(typeof(GeoDb)), Migration("20260301000000_Countries")]
public sealed class Countries : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "Countries", table => new { Id = table.Column<string>() }, constraints: table => table.PrimaryKey("PK_Countries", row => row.Id));
}

public sealed class Customer
{
    public Guid Id { get; set; } = Guid.NewGuid();

    public required Country Country { get; set; }
}

/// <summary>A tenant's table that references a shared one.</summary>
public sealed class CustomerDb(DbContextOptions<CustomerDb> options) : DbContext(options)
{
    public DbSet<Customer> Customers => Set<Customer>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Country>().ToTable("Countries").IsShared();
}

[DbContext(typeof(CustomerDb)), Migration("20260302000000_Customers")]
public sealed class Customers : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "Customers",
        table => new { Id = table.Column<Guid>(), CountryId = table.Column<string>() },
        constraints: table =>
        {
            table.PrimaryKey("PK_Customers", row => row.Id);
            table.ForeignKey("FK_Customers_Countries", row => row.CountryId, "Countries", "Id", principalSchema: "shared");
        });
}

/// <summary>Tables, and nothing that makes them.</summary>
public sealed class BareDb(DbContextOptions<BareDb> options) : DbContext(options)
{
    public DbSet<Entry> Entries => Set<Entry>();
}

/// <summary>Its migration has the id of one of <see cref="ShopDb"/>.</summary>
public sealed class TwinDb(DbContextOptions<TwinDb> options) : DbContext(options)
{
    public DbSet<Entry> Twins => Set<Entry>();
}

[DbContext(typeof(TwinDb)), Migration("20260101000000_Orders")]
public sealed class Twins : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable("Twins", table => new { Id = table.Column<Guid>() });
}
