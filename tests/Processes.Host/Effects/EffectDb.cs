using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Processes.Host.Effects;

/// <summary>A tenant's effects.</summary>
public sealed class EffectDb(DbContextOptions<EffectDb> options) : DbContext(options)
{
    public DbSet<Effect> Effects => Set<Effect>();

    /// <summary>The table in a tenant's schema.</summary>
    public static string Sql(string schema) =>
        $"""
        CREATE SCHEMA "{schema}";
        CREATE TABLE "{schema}"."Effects" ("Key" uuid PRIMARY KEY, "Owner" text NOT NULL, "Runs" integer NOT NULL);
        """;
}

/// <summary>What an order did: once, however often the host delivers it.</summary>
public sealed class Effect
{
    [Key]
    public required Guid Key { get; init; }

    /// <summary>The tenant for which it was ordered, as the order says.</summary>
    public required string Owner { get; init; }

    /// <summary>How often the order was worked off to its end.</summary>
    public int Runs { get; set; }
}
