using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

/// <summary>A migration that leaves in its session a setting and a temporary table, and in its place a table with what it found of them.</summary>
public sealed class TraceDb(DbContextOptions<TraceDb> options) : DbContext(options);

[DbContext(typeof(TraceDb)), Migration("20260751000000_Traces")]
public sealed class Traces : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE "Found" AS SELECT coalesce(to_regclass('pg_temp.trace')::text, nullif(current_setting('test.trace', true), ''), 'nothing') AS what;
        SET test.trace = 'somebody else''s';
        CREATE TEMPORARY TABLE IF NOT EXISTS trace AS SELECT current_schema() AS owner;
        """);
}
