using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Benchmarks.Fleet;

/// <summary>The application's first version: ten tables, by three migrations.</summary>
internal sealed class FirstDb(DbContextOptions<FirstDb> options) : DbContext(options)
{
    /// <summary>Its last migration.</summary>
    public const string Last = "20260103000000_Ledger";
}

/// <summary>Its second one, with a column and an index more, by two migrations.</summary>
internal sealed class SecondDb(DbContextOptions<SecondDb> options) : DbContext(options)
{
    /// <summary>All its migrations.</summary>
    public static readonly string[] Ids = ["20260101000000_Shop", "20260102000000_Stock", FirstDb.Last, "20260104000000_Weight", "20260105000000_ByName"];
}

/// <summary>Tables of a number, a name and an amount.</summary>
internal abstract class Tables(int first, int count) : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var name in Enumerable.Range(first, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"Table{i}")))
        {
            migrationBuilder.CreateTable(
                name,
                table => new { Id = table.Column<int>(), Name = table.Column<string>(maxLength: 100), Total = table.Column<decimal>(precision: 18, scale: 2) },
                constraints: table => table.PrimaryKey($"PK_{name}", row => row.Id));
        }
    }
}

[DbContext(typeof(FirstDb)), Migration("20260101000000_Shop")]
internal sealed class FirstShop() : Tables(0, 4);

[DbContext(typeof(FirstDb)), Migration("20260102000000_Stock")]
internal sealed class FirstStock() : Tables(4, 3);

[DbContext(typeof(FirstDb)), Migration(FirstDb.Last)]
internal sealed class FirstLedger() : Tables(7, 3);

[DbContext(typeof(SecondDb)), Migration("20260101000000_Shop")]
internal sealed class SecondShop() : Tables(0, 4);

[DbContext(typeof(SecondDb)), Migration("20260102000000_Stock")]
internal sealed class SecondStock() : Tables(4, 3);

[DbContext(typeof(SecondDb)), Migration(FirstDb.Last)]
internal sealed class SecondLedger() : Tables(7, 3);

[DbContext(typeof(SecondDb)), Migration("20260104000000_Weight")]
internal sealed class Weight : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<int>("Weight", "Table0", nullable: false, defaultValue: 0);
}

[DbContext(typeof(SecondDb)), Migration("20260105000000_ByName")]
internal sealed class ByName : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateIndex("IX_Table0_Name", "Table0", "Name");
}
