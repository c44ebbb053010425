using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Data;

/// <summary>Contexts that EF cannot pool: with dependencies of their own, or with OnConfiguring. Served one by one, with the same guards.</summary>
public sealed class UnpooledContextTests
{
    [Fact]
    public async Task A_context_with_a_dependency_gets_it_from_the_scope_and_sees_its_tenant()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy =>
        {
            tenancy.AddDbContext<AuditedDb>();
            tenancy.Services.AddScoped<Auditor>();
        });
        foreach (var tenant in world.Tenants)
        {
            using var entered = TenantScope.Enter(tenant);
            await using var scope = world.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<AuditedDb>();
            db.Auditor.ShouldBeSameAs(scope.ServiceProvider.GetRequiredService<Auditor>());
            (await db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe([tenant.Id.Value]);
        }
    }

    [Fact]
    public async Task A_context_with_a_dependency_made_by_the_factory_disposes_the_scope_of_its_dependencies()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy =>
        {
            tenancy.AddDbContext<AuditedDb>();
            tenancy.Services.AddScoped<Auditor>();
        });
        Auditor auditor;
        await using (var db = world.Factory<AuditedDb>().Create(world.B))
        {
            auditor = db.Auditor;
            (await db.Orders.Select(order => order.Owner).FirstAsync()).ShouldBe("t-01");
            using var entered = TenantScope.Enter(world.A);
            await Should.ThrowAsync<TenantMismatchException>(() => db.Orders.ToListAsync());
        }

        auditor.IsDisposed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_context_with_OnConfiguring_sees_its_tenant()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.AddDbContext<ConfiguredDb>());
        foreach (var tenant in world.Tenants)
        {
            await using var db = world.Factory<ConfiguredDb>().Create(tenant);
            (await db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe([tenant.Id.Value]);
        }
    }

    public sealed class Auditor : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    public sealed class AuditedDb(DbContextOptions<AuditedDb> options, Auditor auditor) : DbContext(options)
    {
        public Auditor Auditor => auditor;

        public DbSet<Order> Orders => Set<Order>();

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Line>().Ignore(line => line.Product);
    }

    public sealed class ConfiguredDb(DbContextOptions<ConfiguredDb> options) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();

        protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.EnableSensitiveDataLogging();

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Line>().Ignore(line => line.Product);
    }
}
