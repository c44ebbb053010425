using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Benchmarks.Fleet;

/// <summary>The application's first version.</summary>
internal sealed class FirstDb(DbContextOptions<FirstDb> options) : DbContext(options);

/// <summary>Its second one, with a column and an index more.</summary>
internal sealed class SecondDb(DbContextOptions<SecondDb> options) : DbContext(options);

internal abstract class TenTables : Migration
{
    public const string Id = "20260101000000_Tables";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        for (var i = 0; i < 10; i++)
        {
            var name = $"Table{i}";
            migrationBuilder.CreateTable(
                name,
                table => new { Id = table.Column<int>(), Name = table.Column<string>(maxLength: 100), Total = table.Column<decimal>(precision: 18, scale: 2) },
                constraints: table => table.PrimaryKey($"PK_{name}", row => row.Id));
        }
    }
}

[DbContext(typeof(FirstDb)), Migration(Id)]
internal sealed class FirstTables : TenTables;

[DbContext(typeof(SecondDb)), Migration(Id)]
internal sealed class SecondTables : TenTables;

[DbContext(typeof(SecondDb)), Migration(Id)]
internal sealed class OneColumn : Migration
{
    public const string Id = "20260102000000_Column";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("Weight", "Table0", nullable: false, defaultValue: 0);
        migrationBuilder.CreateIndex("IX_Table0_Name", "Table0", "Name");
    }
}
