using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Processes.Host.Fleet;

/// <summary>
/// Three migrations, of which each step writes a mark, so that one that ran twice is seen: tables with rows, an index outside any transaction between two steps
/// in one, and a column with an index.
/// </summary>
public sealed class DepotDb(DbContextOptions<DepotDb> options) : DbContext(options)
{
    public static readonly string[] Marks = ["indexed 1", "indexed 2", "tables", "widened"];

    internal static string Mark(string text) => $"INSERT INTO \"Marks\" VALUES ('{text}')";
}

[DbContext(typeof(DepotDb)), Migration("20260101000000_Tables")]
public sealed class Tables : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("CREATE TABLE \"Marks\" (\"Text\" text NOT NULL)");
        for (var i = 0; i < 4; i++)
        {
            migrationBuilder.Sql($"CREATE TABLE \"Goods{i}\" (\"Id\" int PRIMARY KEY, \"Name\" text NOT NULL)");
            migrationBuilder.Sql($"INSERT INTO \"Goods{i}\" SELECT n, md5(n::text) FROM generate_series(1, 3000) n");
        }

        migrationBuilder.Sql(DepotDb.Mark("tables"));
    }
}

[DbContext(typeof(DepotDb)), Migration("20260102000000_Indexed")]
public sealed class Indexed : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(DepotDb.Mark("indexed 1"));
        migrationBuilder.Sql("CREATE INDEX CONCURRENTLY \"IX_Goods0_Name\" ON \"Goods0\" (\"Name\")", suppressTransaction: true);
        migrationBuilder.Sql("CREATE UNIQUE INDEX CONCURRENTLY \"IX_Goods1_Name\" ON \"Goods1\" (\"Name\")", suppressTransaction: true);
        migrationBuilder.Sql(DepotDb.Mark("indexed 2"));
    }
}

[DbContext(typeof(DepotDb)), Migration("20260103000000_Widened")]
public sealed class Widened : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("ALTER TABLE \"Goods2\" ADD COLUMN \"Weight\" int NOT NULL DEFAULT 0; CREATE INDEX \"IX_Goods2_Weight\" ON \"Goods2\" (\"Weight\")");
        migrationBuilder.Sql(DepotDb.Mark("widened"));
    }
}
