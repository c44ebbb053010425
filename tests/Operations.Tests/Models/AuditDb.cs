using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

public sealed class Entry
{
    public Guid Id { get; set; } = Guid.NewGuid();
}

/// <summary>Its second migration fails until the tenant has a table "Gate".</summary>
public sealed class AuditDb(DbContextOptions<AuditDb> options) : DbContext(options)
{
    public const string OpenGate = "CREATE TABLE \"Gate\" (\"Id\" int)";

    public DbSet<Entry> Entries => Set<Entry>();
}

[DbContext(typeof(AuditDb)), Migration("20260101000001_Entries")]
public sealed class Entries : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "Entries", table => new { Id = table.Column<Guid>() }, constraints: table => table.PrimaryKey("PK_Entries", row => row.Id));
}

[DbContext(typeof(AuditDb)), Migration("20260103000000_PastTheGate")]
public sealed class PastTheGate : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("Halfway", table => new { Id = table.Column<Guid>() });
        migrationBuilder.Sql("INSERT INTO \"Gate\" VALUES (1)");
    }
}
