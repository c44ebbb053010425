using Freehold.Operations.Tests.Hosting;

namespace Freehold.Operations.Tests;

/// <summary>What a user does at design time, with the real tool: the packages come from the feed.</summary>
public class DotnetEfTests
{
    private const string Models = """
        using Freehold;
        using Microsoft.EntityFrameworkCore;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;

        public class Order { public int Id { get; set; } public string Item { get; set; } = ""; public Country? Country { get; set; } }

        public class Country { public int Id { get; set; } }

        public class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
        {
            public DbSet<Order> Orders => Set<Order>();

            protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Country>().ToTable("Countries")SHARED;
        }

        public class GeoDb(DbContextOptions<GeoDb> options) : DbContext(options)
        {
            public DbSet<Country> Countries => Set<Country>();
        }

        """;

    private const string Plain = """
        public static class Program
        {
            public static void Main(string[] args)
            {
                var builder = Host.CreateApplicationBuilder(args);
                builder.Services.AddDbContext<ShopDb>(options => options.UseNpgsql("Host=nowhere.invalid"));
                builder.Build().Run();
            }
        }
        """;

    private const string Tenancy = """
        public static class Program
        {
            public static void Main(string[] args)
            {
                var builder = Host.CreateApplicationBuilder(args);
                builder.Services.AddMultiTenancy(tenancy => tenancy
                    .UseNpgsql("Host=nowhere.invalid").IsolateBy(Isolation.Schema).AddDbContext<ShopDb>().AddSharedDbContext<GeoDb>());
                builder.Build().Run();
            }
        }
        """;

    [Fact]
    public async Task Migrations_are_added_without_a_tenant_a_server_or_a_schema_and_shared_tables_are_left_out()
    {
        using var app = await DesignTimeApp.CreateAsync(Models.Replace("SHARED", ".IsShared()") + Tenancy);

        await app.EfAsync("migrations", "add", "Initial", "--context", "ShopDb", "--output-dir", "Shop", "--no-build");
        await app.EfAsync("migrations", "add", "Initial", "--context", "GeoDb", "--output-dir", "Geo", "--no-build");

        var shop = app.MigrationText("Shop");
        shop.ShouldContain("name: \"Orders\"");
        shop.ShouldNotContain("name: \"Countries\"");
        shop.ShouldContain("principalSchema: \"shared\"");
        shop.Replace("principalSchema:", "").ShouldNotContain("schema", Case.Insensitive);
        shop.ShouldNotContain("{tenant");
        app.MigrationText("Geo").ShouldContain("name: \"Countries\"");
        app.MigrationText("Geo").ShouldNotContain("schema", Case.Insensitive);

        (await app.EfAsync("migrations", "has-pending-model-changes", "--context", "ShopDb")).ShouldContain("No changes");
        (await app.EfAsync("migrations", "has-pending-model-changes", "--context", "GeoDb", "--no-build")).ShouldContain("No changes");
    }

    [Fact]
    public async Task Migrations_from_before_multi_tenancy_stay_valid_and_the_next_one_is_empty()
    {
        using var app = await DesignTimeApp.CreateAsync(Models.Replace("SHARED", "") + Plain);
        await app.EfAsync("migrations", "add", "Initial", "--context", "ShopDb", "--output-dir", "Shop", "--no-build");
        var before = app.MigrationText("Shop");

        app.Write("Program.cs", Models.Replace("SHARED", "") + Tenancy);

        (await app.EfAsync("migrations", "has-pending-model-changes", "--context", "ShopDb")).ShouldContain("No changes");
        await app.EfAsync("migrations", "add", "Next", "--context", "ShopDb", "--output-dir", "Shop", "--no-build");
        var next = app.MigrationText("Shop")[before.Length..];
        next.ShouldContain("class Next");
        next.ShouldNotContain("migrationBuilder.");
    }

    [Fact]
    public async Task Isolation_by_row_adds_an_ordinary_migration_with_the_column_and_keys_that_begin_with_it()
    {
        const string Orders = """
            using Freehold;
            using Microsoft.EntityFrameworkCore;
            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.Hosting;

            public class Order { public int Id { get; set; } public string Code { get; set; } = ""; public List<Line> Lines { get; set; } = []; }

            public class Line { public int Id { get; set; } public int? OrderId { get; set; } public string? Picked { get; set; } }

            public class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
            {
                public DbSet<Order> Orders => Set<Order>();

                protected override void OnModelCreating(ModelBuilder modelBuilder)
                {
                    modelBuilder.Entity<Order>().HasIndex(order => order.Code).IsUnique();
                    modelBuilder.Entity<Order>().HasMany(order => order.Lines).WithOne().HasForeignKey(line => line.OrderId).OnDelete(DeleteBehavior.SetNull);
                }
            }

            """;
        var tenancy = Tenancy.Replace(".AddSharedDbContext<GeoDb>()", "");
        using var app = await DesignTimeApp.CreateAsync(Orders + tenancy);
        await app.EfAsync("migrations", "add", "Initial", "--output-dir", "Shop", "--no-build");
        var before = app.MigrationText("Shop");
        before.ShouldNotContain("tenant_id");

        app.Write("Program.cs", Orders + tenancy.Replace("Isolation.Schema", "Isolation.Schema, Isolation.Row"));
        await app.EfAsync("migrations", "add", "Next", "--output-dir", "Shop");

        var next = app.MigrationText("Shop")[before.Length..];
        next.ShouldContain("name: \"tenant_id\"");
        next.ShouldContain("columns: new[] { \"tenant_id\", \"Id\" }");
        next.ShouldContain("columns: new[] { \"tenant_id\", \"Code\" }");
        next.ShouldContain("columns: new[] { \"tenant_id\", \"OrderId\" }");
        next.ShouldContain("principalColumns: new[] { \"tenant_id\", \"Id\" }");
        next.ShouldContain("onDelete: ReferentialAction.SetNull");

        // Identity columns stay identity columns.
        next.ShouldNotContain("AlterColumn");
        next.ShouldNotContain("schema", Case.Insensitive);
        (await app.EfAsync("migrations", "has-pending-model-changes")).ShouldContain("No changes");
    }
}
