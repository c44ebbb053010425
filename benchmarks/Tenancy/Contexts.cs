using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>What is read.</summary>
internal sealed class Order
{
    public int Id { get; set; }

    public string Owner { get; set; } = "";

    public int Total { get; set; }
}

/// <summary>What is inserted.</summary>
internal sealed class Note
{
    public int Id { get; set; }

    public string Owner { get; set; } = "";

    public string Text { get; set; } = "";
}

/// <summary>The tables, named without a schema. Freehold's context as a user writes it, and that of everybody who sets a search path.</summary>
internal class ShopDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    public DbSet<Note> Notes => Set<Note>();
}

/// <summary>Freehold's.</summary>
internal sealed class TenantDb(DbContextOptions<TenantDb> options) : ShopDb(options);

/// <summary>With a search path in the connection string, or set when the connection opens.</summary>
internal sealed class SearchPathDb(DbContextOptions<SearchPathDb> options) : ShopDb(options);

/// <summary>One schema, no tenants: what the others are held against.</summary>
internal sealed class PlainDb(DbContextOptions<PlainDb> options) : ShopDb(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.HasDefaultSchema(TenantDatabase.PlainSchema);
}

/// <summary>The rows of all tenants in one table, told apart by whoever writes the query.</summary>
internal sealed class WhereDb(DbContextOptions<WhereDb> options) : ShopDb(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.HasDefaultSchema("tenants").Entity<Order>().Property<string>("TenantId").HasColumnName("tenant_id");
}

/// <summary>A model for each schema, as EF's documentation shows it.</summary>
internal sealed class ModelPerSchemaDb(DbContextOptions<ModelPerSchemaDb> options, CurrentSchema schema) : ShopDb(options)
{
    public string Schema => schema.Name;

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.HasDefaultSchema(Schema);

    public sealed class CacheKey : IModelCacheKeyFactory
    {
        public object Create(DbContext context, bool designTime) => (context.GetType(), (context as ModelPerSchemaDb)?.Schema, designTime);
    }
}

/// <summary>Whose schema a DI scope works on, for those who have no Freehold.</summary>
internal sealed class CurrentSchema
{
    public string Name { get; set; } = "";
}
