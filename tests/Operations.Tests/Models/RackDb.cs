using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

/// <summary>Migrations with a Down each, of which the middle one has a step outside transactions; and marks of what was reverted.</summary>
public sealed class RackDb(DbContextOptions<RackDb> options) : DbContext(options);

[DbContext(typeof(RackDb)), Migration("20260711000000_Racks")]
public sealed class Racks : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("CREATE TABLE \"Racks\" (\"Number\" int NOT NULL); CREATE UNIQUE INDEX \"IX_Racks_Number\" ON \"Racks\" (\"Number\")");
        migrationBuilder.Sql("CREATE TABLE \"Marks\" (\"Text\" text NOT NULL)");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("Racks");
        migrationBuilder.DropTable("Marks");
    }
}

[DbContext(typeof(RackDb)), Migration("20260712000000_RacksFreely")]
public sealed class RacksFreely : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP INDEX CONCURRENTLY \"IX_Racks_Number\"", suppressTransaction: true);

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("INSERT INTO \"Marks\" VALUES ('down 1')");
        migrationBuilder.Sql("CREATE UNIQUE INDEX CONCURRENTLY \"IX_Racks_Number\" ON \"Racks\" (\"Number\")", suppressTransaction: true);
        migrationBuilder.Sql("INSERT INTO \"Marks\" VALUES ('down 2')");
    }
}

[DbContext(typeof(RackDb)), Migration("20260713000000_RackColour")]
public sealed class RackColour : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<string>("Colour", "Racks", nullable: true);

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        // Can be repeated: so if it were, the mark alone would tell.
        migrationBuilder.Sql("ALTER TABLE \"Racks\" DROP COLUMN IF EXISTS \"Colour\"; INSERT INTO \"Marks\" VALUES ('uncoloured')");
    }
}

/// <summary>A table with policies, and a migration that drops it.</summary>
public sealed class ShelfDb(DbContextOptions<ShelfDb> options) : DbContext(options)
{
    internal const string Create =
        "CREATE TABLE \"Shelves\" (tenant_id varchar(63) NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), ''), \"Number\" int NOT NULL)";
}

[DbContext(typeof(ShelfDb)), Migration("20260721000000_Shelves")]
public sealed class Shelves : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(ShelfDb.Create);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("Shelves");
}

[DbContext(typeof(ShelfDb)), Migration("20260722000000_NoShelves")]
public sealed class NoShelves : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("Shelves");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(ShelfDb.Create);
}
