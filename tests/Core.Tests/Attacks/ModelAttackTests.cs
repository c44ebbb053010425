using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;

namespace Freehold.Core.Tests.Attacks;

/// <summary>However a model is built, no name in it leads to everybody's tables.</summary>
public sealed class ModelAttackTests
{
    [Fact]
    public async Task A_users_convention_that_moves_tables_into_a_schema_is_refused()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.AddDbContext<ConventionDb>());
        Should.Throw<MultiTenancyConfigurationException>(() => world.Factory<ConventionDb>().Create(world.A)).Message.ShouldContain("'public' by a convention");
    }

    [Fact]
    public async Task A_model_that_OnConfiguring_brings_along_is_refused()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.AddDbContext<OwnModelDb>());
        Should.Throw<MultiTenancyConfigurationException>(() => world.Factory<OwnModelDb>().Create(world.A)).Message.ShouldContain("built elsewhere");
    }

    [Fact]
    public async Task A_connection_string_that_OnConfiguring_brings_along_is_not_used()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.AddDbContext<ScaffoldedDb>());
        await using var db = world.Factory<ScaffoldedDb>().Create(world.A);
        (await db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-00"]);
        (await db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-00"]);
    }

    [Fact]
    public async Task A_users_interceptor_cannot_add_rows_to_shared_tables_either()
    {
        await using var world = await TenantWorld.SchemasAsync(options: options => options.AddInterceptors(new AddsProduct()));
        await using var db = world.Factory<ShopDb>().Create(world.A);
        db.Add(new Order { Owner = "t-00" });
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => db.SaveChangesAsync());
        db.ChangeTracker.Clear();
        (await db.Products.CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Derived_types_and_views_of_shared_entities_are_in_the_shared_schema()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.AddDbContext<SharedDb>());
        await world.ExecuteAsync("""
            CREATE TABLE shared."Tablets" ("Id" int PRIMARY KEY, "Inches" int);
            CREATE VIEW shared.names AS SELECT "Name" FROM shared."Products";
            INSERT INTO shared."Tablets" VALUES (1, 7);
            """);
        await using var db = world.Factory<SharedDb>().Create(world.A);
        (await db.Set<Tablet>().SingleAsync()).Inches.ShouldBe(7);
        (await db.Set<Good>().CountAsync()).ShouldBe(2);
        (await db.Set<NameView>().CountAsync()).ShouldBe(2);
    }

    public sealed class ConventionDb(DbContextOptions<ConventionDb> options) : DbContext(options)
    {
        protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.Conventions.Add(_ => new ToPublic());

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>().Ignore(order => order.Lines);

        private sealed class ToPublic : IModelFinalizingConvention
        {
            public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
            {
                foreach (var entityType in modelBuilder.Metadata.GetEntityTypes())
                {
                    entityType.SetSchema("public");
                }
            }
        }
    }

    public sealed class OwnModelDb(DbContextOptions<OwnModelDb> options) : DbContext(options)
    {
        protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder)
        {
            using var plain = new PublicDb(new DbContextOptionsBuilder<PublicDb>().UseNpgsql("Host=x")
                .ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.ManyServiceProvidersCreatedWarning)).Options);
            optionsBuilder.UseModel(plain.Model);
        }
    }

    public sealed class PublicDb(DbContextOptions<PublicDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>().ToTable("Orders", "public").Ignore(order => order.Lines);
    }

    /// <summary>As <c>dotnet ef dbcontext scaffold</c> writes it.</summary>
    public sealed class ScaffoldedDb : DbContext
    {
        public ScaffoldedDb()
        {
        }

        public ScaffoldedDb(DbContextOptions<ScaffoldedDb> options) : base(options)
        {
        }

        public DbSet<Order> Orders { get; set; } = null!;

        protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseNpgsql("Host=nowhere;Database=everybody");

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>().Ignore(order => order.Lines);
    }

    public sealed class SharedDb(DbContextOptions<SharedDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Good>().ToTable("Products").IsShared();
            modelBuilder.Entity<Tablet>().ToTable("Tablets");
            modelBuilder.Entity<NameView>().HasNoKey().ToView("names").IsShared();
        }
    }

    public class Good
    {
        public int Id { get; set; }

        public string? Name { get; set; }
    }

    public sealed class Tablet : Good
    {
        public int Inches { get; set; }
    }

    public sealed class NameView
    {
        public string? Name { get; set; }
    }

    private sealed class AddsProduct : SaveChangesInterceptor
    {
        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            eventData.Context!.Add(new Product { Id = 77, Name = "forged" });
            return new(result);
        }
    }
}
