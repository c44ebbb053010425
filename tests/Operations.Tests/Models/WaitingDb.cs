using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

/// <summary>While it is migrated it waits for whoever holds the lock, who may give up meanwhile.</summary>
public sealed class WaitingDb(DbContextOptions<WaitingDb> options) : DbContext(options)
{
    public const long Lock = 20_260_901;

    public DbSet<Entry> Waits => Set<Entry>();
}

[DbContext(typeof(WaitingDb)), Migration("20260901000000_Waits")]
public sealed class Waits : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql($"SELECT pg_advisory_xact_lock({WaitingDb.Lock})");
        migrationBuilder.CreateTable("Waits", table => new { Id = table.Column<Guid>() }, constraints: table => table.PrimaryKey("PK_Waits", row => row.Id));
    }
}
