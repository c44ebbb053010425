using Freehold;
using Microsoft.EntityFrameworkCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services
    .AddMultiTenancy(tenancy => tenancy.UseSqlite("tenants").AddDbContext<ShopDb>().AddSharedDbContext<CatalogDb>())
    .AddHostedService<Cleaner>();
await builder.Build().RunAsync();

internal sealed class Order
{
    public Guid Id { get; set; }
}

internal sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();
}

internal sealed class CatalogDb(DbContextOptions<CatalogDb> options) : DbContext(options);

internal static class Cache
{
    public static CatalogDb? Catalog { get; set; }

    public static ShopDb? Shop { get; set; } // FH0001
}

internal sealed class Cleaner(
    TenantAdmission admission,
    ITenantDbContextFactory<ShopDb> contexts,
    ShopDb db) // FH0002
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await db.Orders.IgnoreQueryFilters().ExecuteDeleteAsync(stoppingToken); // FH0003
        TenantScope.Enter(await admission.AdmitAsync("acme", cancellationToken: stoppingToken)); // FH0005
        await using var acme = contexts.Create();
        await acme.Database.ExecuteSqlRawAsync($"delete from \"Orders\" where {Environment.CommandLine}", stoppingToken); // FH0004
    }

    public async Task<IDisposable> EnterAsync(string tenant)
    {
        return TenantScope.Enter(await admission.AdmitAsync(tenant)); // FH0006
    }
}
