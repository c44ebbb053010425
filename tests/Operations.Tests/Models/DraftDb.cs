using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

/// <summary>A migration that is edited after it was applied.</summary>
public sealed class DraftDb(DbContextOptions<DraftDb> options) : DbContext(options)
{
    /// <summary>The type of its only column: what is edited.</summary>
    public static string Type { get; set; } = "int";
}

[DbContext(typeof(DraftDb)), Migration("20260741000000_Drafts")]
public sealed class Drafts : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql($"CREATE TABLE \"Drafts\" (\"Number\" {DraftDb.Type})");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("Drafts");
}
