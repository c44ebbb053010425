using Freehold;
using Microsoft.EntityFrameworkCore;

namespace Shop.SeedingPage;

public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Category> Categories => Set<Category>();
}

public sealed record Category(string Id);

public sealed class Categories : ITenantSeed<ShopDb>
{
    public async Task SeedAsync(ShopDb context, CancellationToken cancellationToken) =>
        await context.AddRangeAsync([new Category("books"), new Category("music")], cancellationToken);
}

public abstract class DemoOrders : ITenantSeed<ShopDb>
{
    public abstract Task SeedAsync(ShopDb context, CancellationToken cancellationToken);
}

internal static class Page
{
    public static void Register(MultiTenancyBuilder tenancy)
    {
        tenancy.AddSeed<ShopDb, Categories>(1)
            .AddSeed<ShopDb, DemoOrders>(2, environments: ["Development", "Staging"])
            .AddOperations();
    }

    public static async Task SeedAsync(ITenantSeeder seeder, Tenant tenant)
    {
        var result = await seeder.SeedAsync(tenant);                    // result.Applied: those that it lacked
        var run = await seeder.SeedAllAsync(TenantSelection.All, new TenantRunOptions { ParallelismPerServer = 8 });
        run.ThrowIfFailed();                                            // names the tenants; run.Outcomes has what was wrong with each
    }
}
