using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

/// <summary>While it is migrated, somebody may give up.</summary>
public sealed class WaitingDb(DbContextOptions<WaitingDb> options) : DbContext(options)
{
    public static Action? Stop { get; set; }

    public DbSet<Entry> Waits => Set<Entry>();
}

[DbContext(typeof(WaitingDb)), Migration("20260901000000_Waits")]
public sealed class Waits : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        WaitingDb.Stop?.Invoke();
        migrationBuilder.CreateTable("Waits", table => new { Id = table.Column<Guid>() }, constraints: table => table.PrimaryKey("PK_Waits", row => row.Id));
    }
}
