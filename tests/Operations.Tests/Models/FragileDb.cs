using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

/// <summary>Its second migration loses its session where the setting fragile.schema of the database names the schema, as in a fail-over.</summary>
public sealed class FragileDb(DbContextOptions<FragileDb> options) : DbContext(options);

[DbContext(typeof(FragileDb)), Migration("20260901000000_Cups")]
public sealed class Cups : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""CREATE TABLE "Cups" ("Id" int)""");
}

[DbContext(typeof(FragileDb)), Migration("20260902000000_Plates")]
public sealed class Plates : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        CREATE TABLE "Plates" ("Id" int);
        SELECT pg_terminate_backend(pg_backend_pid()) WHERE current_schema() = current_setting('fragile.schema', true)
        """);
}
