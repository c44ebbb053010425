using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Freehold.Operations.Tests.Models;

public sealed class Tariff
{
    public int Id { get; set; }

    public required string Name { get; set; }
}

/// <summary>Its migration writes rows, of two tables with a reference, in an application that has tenants by row, too.</summary>
public sealed class TariffDb(DbContextOptions<TariffDb> options) : DbContext(options)
{
    public const string Column = "tenant_id varchar(63) NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')";

    public DbSet<Tariff> Tariffs => Set<Tariff>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Tariff>().Property(tariff => tariff.Id).ValueGeneratedNever();
}

[DbContext(typeof(TariffDb)), Migration("20260801000000_Tariffs")]
public sealed class Tariffs : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        $"""
        CREATE TABLE "Tariffs" ({TariffDb.Column}, "Id" int NOT NULL, "Name" text NOT NULL, PRIMARY KEY (tenant_id, "Id"));
        CREATE TABLE "Rates" ({TariffDb.Column}, "Id" int NOT NULL, FOREIGN KEY (tenant_id, "Id") REFERENCES "Tariffs");
        INSERT INTO "Tariffs" ("Id", "Name") VALUES (1, 'basic');
        INSERT INTO "Rates" ("Id") VALUES (1);
        """);
}
