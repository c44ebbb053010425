using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

/// <summary>Three migrations that do not need each other, and can be reverted.</summary>
public sealed class NoteDb(DbContextOptions<NoteDb> options) : DbContext(options);

/// <summary>Makes a table.</summary>
public abstract class TableMigration(string table) : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(table, columns => new { Id = columns.Column<int>() });

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable(table);
}

[DbContext(typeof(NoteDb)), Migration("20260731000000_Notes")]
public sealed class Notes() : TableMigration("Notes");

[DbContext(typeof(NoteDb)), Migration("20260732000000_NotesMore")]
public sealed class NotesMore() : TableMigration("More");

[DbContext(typeof(NoteDb)), Migration("20260733000000_NotesLast")]
public sealed class NotesLast() : TableMigration("Last");
