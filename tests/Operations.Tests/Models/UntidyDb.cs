using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

/// <summary>Its migration leaves a setting and a temporary table in the session, and writes what setting it met.</summary>
public sealed class UntidyDb(DbContextOptions<UntidyDb> options) : DbContext(options);

[DbContext(typeof(UntidyDb)), Migration("20260701000000_Words")]
public sealed class Words : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        CREATE TABLE "Words" ("Text" text);
        CREATE TEMP TABLE IF NOT EXISTS "Scratch" ("Id" int);
        INSERT INTO "Words" SELECT current_setting('extra_float_digits');
        SET extra_float_digits = 3
        """);
}

/// <summary>Its second migration uses what the first one adds to a type, which PostgreSQL allows after a commit only.</summary>
public sealed class LabelDb(DbContextOptions<LabelDb> options) : DbContext(options);

[DbContext(typeof(LabelDb)), Migration("20260801000000_Blue")]
public sealed class Blue : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TYPE types.colour ADD VALUE IF NOT EXISTS 'blue'");
}

[DbContext(typeof(LabelDb)), Migration("20260802000000_Colours")]
public sealed class Colours : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql("""CREATE TABLE "Colours" ("Colour" types.colour); INSERT INTO "Colours" VALUES ('blue')""");
}
