using Freehold;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Shop.Docs;

namespace Shop.AnalyzersPage;

internal static class Cache
{
    public static ShopDb? Shared { get; set; }                        // FH0001
}

public sealed class Cleaner(ShopDb db) : BackgroundService        // FH0002: take ITenantDbContextFactory<ShopDb>
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => db.SaveChangesAsync(stoppingToken);
}

internal static class Page
{
    public static async Task<int> FiltersAsync(ShopDb db)
    {
        var all = await db.Orders.IgnoreQueryFilters().CountAsync();               // FH0003
        var kept = await db.Orders.IgnoreQueryFilters(["Deleted"]).CountAsync();   // the others still hold
        return all - kept;
    }

    public static async Task SqlAsync(ShopDb db, string item)
    {
#pragma warning disable EF1002 // It is meant to be a mistake.
        await db.Database.ExecuteSqlRawAsync($"DELETE FROM orders WHERE item = '{item}'");   // FH0004
        await db.Database.ExecuteSqlAsync($"DELETE FROM orders WHERE item = {item}");        // a parameter
#pragma warning restore EF1002
    }

    public static void Stay(Tenant tenant)
    {
        TenantScope.Enter(tenant);                                        // FH0005: using var entered = TenantScope.Enter(tenant);
    }

    public static async Task<TenantScope> EnterAsync(TenantAdmission admission) =>
        TenantScope.Enter(await admission.AdmitAsync("acme"));        // FH0006

    public static async Task BillAsync(IServiceProvider services, ShopDb db)
    {
        using (AdminScope.Enter(services, "The bill of October counts deleted orders"))
        {
            var billed = await db.Orders.IgnoreQueryFilters().CountAsync();
        }
    }
}
