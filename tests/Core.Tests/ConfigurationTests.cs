using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Core.Tests;

/// <summary>What cannot work, or cannot be safe, is said at start-up: what it is and what to do.</summary>
public sealed class ConfigurationTests
{
    private const string Server = "Host=localhost;Database=x";

    public static TheoryData<string, Action<MultiTenancyBuilder>> Contradictions => new()
    {
        { "Both UseNpgsql and UseSqlite", tenancy => tenancy.UseNpgsql(Server).UseSqlite("x") },
        { "twice", tenancy => tenancy.UseNpgsql(Server).UseNpgsql(Server) },
        { "no default one", tenancy => tenancy.AddNpgsqlServer("eu", Server) },
        { "SQLite has no policies", tenancy => tenancy.UseSqlite("x").IsolateBy(Isolation.Row) },
        { "SQLite has no policies", tenancy => tenancy.UseSqlite("x").IsolateBy(Isolation.Database, Isolation.Row) },
        { "SQLite has no schemas", tenancy => tenancy.UseSqlite("x").IsolateBy(Isolation.Schema) },
        { "Choose one", tenancy => tenancy.UseNpgsql(Server).IsolateBy(Isolation.Schema).IsolateBy(Isolation.Database) },
        { "has no database", tenancy => tenancy.AddDbContext<PlainDb>() },
        { "registered twice", tenancy => tenancy.UseNpgsql(Server).AddDbContext<PlainDb>().AddSharedDbContext<PlainDb>() },
        { "No Reset On Close", tenancy => tenancy.UseNpgsql(Server + ";No Reset On Close=true") },
        { "Multiplexing", tenancy => tenancy.UseNpgsql(Server + ";Multiplexing=true") },
        { "search path", tenancy => tenancy.UseNpgsql(Server + ";Search Path=public") },
        { "search path", tenancy => tenancy.UseNpgsql(Server + ";Options=-c search_path=public") },
        { "cannot be read", tenancy => tenancy.UseNpgsql("Nonsense=1") },
        { "names no Host", tenancy => tenancy.UseNpgsql("Database=x") },
    };

    public static TheoryData<string, Action<MultiTenancyBuilder>> StartUpDefects => new()
    {
        { "MaxDataSources", tenancy => tenancy.Configure(options => options.MaxDataSources = 0) },
        { "ContextPoolSize", tenancy => tenancy.Configure(options => options.ContextPoolSize = -1) },
        { "CacheDuration", tenancy => tenancy.Configure(options => options.CacheDuration = TimeSpan.FromSeconds(-1)) },
        { "schema 'app' by hand", tenancy => Schemas(tenancy).AddDbContext<DefaultSchemaDb>() },
        { "schema 'audit' by hand", tenancy => Schemas(tenancy).AddDbContext<TableSchemaDb>() },
        { "also what FileTemplate gives to a tenant 'acme'", tenancy => tenancy.UseSqlite("x").ConfigureNaming(naming => naming.SharedSchema = "acme") },
        { "HiLo", tenancy => Schemas(tenancy).AddDbContext<HiLoDb>() },
        { "TypesSchema", tenancy => Schemas(tenancy).AddDbContext<EnumDb>() },
        { "column 'tenant_id', which is Freehold's", tenancy => Rows(tenancy).AddDbContext<OwnColumnDb>() },
        { "has data in the model", tenancy => Rows(tenancy).AddDbContext<SeededDb>() },
        { "RowSchema", tenancy => Rows(tenancy).ConfigureNaming(naming => naming.RowSchema = "shared") },
        { "TenantColumn", tenancy => Rows(tenancy).ConfigureNaming(naming => naming.TenantColumn = "tenant id") },
        { "every tenant has one", tenancy => Schemas(tenancy).AddDbContext<SharedPointsToTenantDb>() },
        { "databases of their own", tenancy => tenancy.UseNpgsql(Server).AddDbContext<ShopDb>() },
        { "databases of their own", tenancy => tenancy.UseSqlite("x").AddDbContext<ShopDb>() },
        { "has a connection in its options", tenancy => Schemas(tenancy).AddDbContext<PlainDb>(options => options.UseNpgsql(Server)) },
        { "another database", tenancy => Schemas(tenancy).AddDbContext<PlainDb>(options => options.UseSqlite("x")) },
        { "No Reset On Close", tenancy => tenancy.UseNpgsql(Server, source => source.ConnectionStringBuilder.NoResetOnClose = true).AddDbContext<PlainDb>() },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Settings_that_contradict_are_refused_when_they_are_made(string says, Action<MultiTenancyBuilder> configure) =>
        Should.Throw<MultiTenancyConfigurationException>(() => new ServiceCollection().AddMultiTenancy(configure)).Message.ShouldContain(says);

    [Theory]
    [MemberData(nameof(StartUpDefects))]
    public async Task What_cannot_work_stops_the_host_at_start_up(string says, Action<MultiTenancyBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMultiTenancy(configure);
        using var host = builder.Build();
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => host.StartAsync())).Message.ShouldContain(says);
    }

    [Fact]
    public async Task An_application_without_a_database_starts_in_development_too()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Development });
        builder.Services.AddMultiTenancy(tenancy => tenancy.UseTenants(new Tenant("acme")));
        using var host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
    }

    [Fact]
    public void A_second_AddMultiTenancy_is_refused()
    {
        var services = new ServiceCollection().AddMultiTenancy(_ => { });
        Should.Throw<MultiTenancyConfigurationException>(() => services.AddMultiTenancy(_ => { })).Message.ShouldContain("twice");
    }

    [Fact]
    public void A_context_that_is_not_registered_is_named_with_the_remedy()
    {
        using var services = TenantWorld.Build(Server, Isolation.Schema, []);
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<ITenantDbContextFactory<HiLoDb>>())
            .Message.ShouldContain("AddDbContext<HiLoDb>()");
    }

    [Fact]
    public void The_options_by_which_dotnet_ef_finds_contexts_are_there_for_each_of_them()
    {
        using var services = TenantWorld.Build(Server, Isolation.Schema, []);
        services.GetServices<DbContextOptions>().Select(options => options.ContextType)
            .ShouldBe([typeof(PlainDb), typeof(CatalogDb), typeof(ShopDb)], ignoreOrder: true);
    }

    [Fact]
    public void Shared_and_tenant_contexts_are_not_taken_for_each_other()
    {
        using var services = TenantWorld.Build(Server, Isolation.Schema, []);
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<ITenantDbContextFactory<CatalogDb>>().Create(new Tenant("acme")));
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<ISharedDbContextFactory<PlainDb>>().Create());
    }

    private static MultiTenancyBuilder Schemas(MultiTenancyBuilder tenancy) => tenancy.UseNpgsql(Server).IsolateBy(Isolation.Schema);

    private static MultiTenancyBuilder Rows(MultiTenancyBuilder tenancy) => tenancy.UseNpgsql(Server).IsolateBy(Isolation.Schema, Isolation.Row);

    public sealed class OwnColumnDb(DbContextOptions<OwnColumnDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Product>().Property(product => product.Name).HasColumnName("tenant_id");
    }

    public sealed class SeededDb(DbContextOptions<SeededDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Product>().HasData(new Product { Id = 1, Name = "apple" });
    }

    public sealed class DefaultSchemaDb(DbContextOptions<DefaultSchemaDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.HasDefaultSchema("app").Entity<Product>();
    }

    public sealed class TableSchemaDb(DbContextOptions<TableSchemaDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Product>().ToTable("Products", "audit");
    }

    public sealed class HiLoDb(DbContextOptions<HiLoDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.UseHiLo().Entity<Product>();
    }

    public sealed class EnumDb(DbContextOptions<EnumDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.HasPostgresEnum("mood", ["sad", "happy"]).Entity<Product>();
    }

    public sealed class SharedPointsToTenantDb(DbContextOptions<SharedPointsToTenantDb> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Line>().Ignore(line => line.Product).IsShared();
            modelBuilder.Entity<Order>();
        }
    }
}
