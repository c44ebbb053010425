using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Core.Tests.Attacks;

/// <summary>Contexts are reused: nothing that one tenant's code does with its context reaches the next one's.</summary>
public sealed class PoolAttackTests
{
    [Fact]
    public async Task An_injected_context_that_is_disposed_by_hand_and_by_its_scope_is_not_taken_from_who_has_it_then()
    {
        await using var world = await TenantWorld.SchemasAsync(tenants: 3);
        var first = Inject(world, world.A);
        await first.Db.DisposeAsync();
        var second = Inject(world, world.B);
        await first.Scope.DisposeAsync();
        var third = Inject(world, world.Tenants[2]);

        third.Db.ShouldNotBeSameAs(second.Db);
        (await second.Db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-01"]);
        (await third.Db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-02"]);
        await second.Scope.DisposeAsync();
        await third.Scope.DisposeAsync();
    }

    [Fact]
    public async Task An_injected_context_is_reused_after_its_scope_and_refuses_whoever_kept_it()
    {
        await using var world = await TenantWorld.SchemasAsync();
        var first = Inject(world, world.A);
        await first.Db.Database.OpenConnectionAsync();
        await first.Scope.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() => first.Db.Orders.ToListAsync());

        var second = Inject(world, world.B);
        second.Db.ShouldBeSameAs(first.Db);
        (await second.Db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-01"]);
        await second.Scope.DisposeAsync();
    }

    [Fact]
    public async Task What_a_context_keeps_in_a_field_is_not_there_for_the_next_tenant()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.AddDbContext<StatefulDb>());
        await using (var first = world.Factory<StatefulDb>().Create(world.A))
        {
            first.Note = "of A";
        }

        await using var second = world.Factory<StatefulDb>().Create(world.B);
        second.Note.ShouldBeNull();
    }

    [Fact]
    public async Task An_entity_does_not_load_the_rest_of_itself_from_the_contexts_next_tenant()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.AddDbContext<LazyDb>());
        LazyOrder order;
        await using (var first = world.Factory<LazyDb>().Create(world.A))
        {
            order = await first.Orders.FirstAsync();
        }

        await using var second = world.Factory<LazyDb>().Create(world.B);
        _ = await second.Orders.CountAsync();
        Should.Throw<InvalidOperationException>(() => order.Lines.Count).Message.ShouldContain("returned to the pool");
    }

    [Fact]
    public async Task A_context_whose_constructor_wants_a_tenant_does_not_keep_the_host_from_starting()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMultiTenancy(tenancy => tenancy.UseNpgsql("Host=localhost;Database=x").IsolateBy(Isolation.Schema).AddDbContext<WantsTenantDb>());
        using var host = builder.Build();
        await host.StartAsync();

        using var entered = TenantScope.Enter(new Tenant("acme"));
        await using var scope = host.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<WantsTenantDb>().Id.ShouldBe("acme");
    }

    [Fact]
    public void Many_hosts_with_settings_of_their_own_live_in_one_process()
    {
        for (var i = 0; i < 25; i++)
        {
            var shared = $"shared{i}";
            using var services = TenantWorld.Build(
                "Host=localhost;Database=x", Isolation.Schema, [], tenancy => tenancy.ConfigureNaming(naming => naming.SharedSchema = shared));
            using var db = services.GetRequiredService<ITenantDbContextFactory<ShopDb>>().Create(new Tenant("acme"));
            db.Products.ToQueryString().ShouldContain($"{shared}.\"Products\"");
        }
    }

    private static (AsyncServiceScope Scope, ShopDb Db) Inject(TenantWorld world, Tenant tenant)
    {
        using var entered = TenantScope.Enter(tenant);
        var scope = world.Services.CreateAsyncScope();
        return (scope, scope.ServiceProvider.GetRequiredService<ShopDb>());
    }

    public sealed class StatefulDb(DbContextOptions<StatefulDb> options) : DbContext(options)
    {
        public DbSet<Product> Products { get; set; } = null!;

        public string? Note { get; set; }
    }

    public sealed class WantsTenantDb(DbContextOptions<WantsTenantDb> options, ITenantContext tenant) : DbContext(options)
    {
        public string Id { get; } = tenant.Required.Id.Value;
    }

    public sealed class LazyDb(DbContextOptions<LazyDb> options) : DbContext(options)
    {
        public DbSet<LazyOrder> Orders => Set<LazyOrder>();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<LazyOrder>().ToTable("Orders").HasMany(order => order.Lines).WithOne().HasForeignKey(line => line.OrderId);
            modelBuilder.Entity<LazyLine>().ToTable("Line");
        }
    }

    public sealed class LazyOrder
    {
        private readonly ILazyLoader _loader;
        private List<LazyLine>? _lines;

        private LazyOrder(ILazyLoader loader) => _loader = loader;

        public int Id { get; set; }

        public List<LazyLine> Lines => _loader.Load(this, ref _lines)!;
    }

    public sealed class LazyLine
    {
        public int Id { get; set; }

        public int OrderId { get; set; }
    }
}
