using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

public sealed class Booking
{
    public int Id { get; set; }

    public required string Text { get; set; }
}

/// <summary>A context whose first migration is from before there was isolation by row; what follows is what <c>dotnet ef</c> adds then, and a change of data.</summary>
public sealed class LedgerDb(DbContextOptions<LedgerDb> options) : DbContext(options)
{
    public DbSet<Booking> Bookings => Set<Booking>();
}

[DbContext(typeof(LedgerDb)), Migration("20260501000000_Bookings")]
public sealed class Bookings : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "Bookings",
        table => new { Id = table.Column<int>().Annotation("Npgsql:ValueGenerationStrategy", Npgsql.EntityFrameworkCore.PostgreSQL.Metadata.NpgsqlValueGenerationStrategy.IdentityByDefaultColumn), Text = table.Column<string>() },
        constraints: table => table.PrimaryKey("PK_Bookings", row => row.Id));
}

[DbContext(typeof(LedgerDb)), Migration("20260502000000_BookingsByRow")]
public sealed class BookingsByRow : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropPrimaryKey("PK_Bookings", "Bookings");
        migrationBuilder.AddColumn<string>(
            "tenant_id", "Bookings", "character varying(63)", maxLength: 63, nullable: false, defaultValueSql: "nullif(current_setting('app.tenant_id', true), '')");
        migrationBuilder.AddPrimaryKey("PK_Bookings", "Bookings", ["tenant_id", "Id"]);
    }
}

/// <summary>A later version of it, which changes data.</summary>
public sealed class ShoutDb(DbContextOptions<ShoutDb> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Booking>().ToTable("Bookings");
}

[DbContext(typeof(ShoutDb)), Migration("20260503000000_Shouted")]
public sealed class Shouted : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""UPDATE "Bookings" SET "Text" = upper("Text")""");
}
