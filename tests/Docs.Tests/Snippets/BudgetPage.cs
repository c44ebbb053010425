using System.Threading.RateLimiting;
using Freehold;

namespace Shop.BudgetPage;

internal static class Page
{
    public static void Limits(MultiTenancyBuilder tenancy, string connectionString)
    {
        tenancy.UseNpgsql(connectionString + ";Maximum Pool Size=50")
            .LimitConnections(limits =>
            {
                limits.PerTenant = 10;                        // of the 45 that are left of 50: a tenth is kept for work that would wait for itself
                limits.Servers["eu"] = 20;
                limits.WaitLimit = TimeSpan.FromSeconds(5);
            })
            .LimitRate(rate => rate.Permits = 200)            // a second and tenant
            .Configure(options => options.MaxTenantsPerConnection = 500);
    }

    public static void Limiter(MultiTenancyBuilder tenancy)
    {
        tenancy.LimitRate(rate => rate.PartitionBy = tenant => tenant.Plan == "gold"
            ? RateLimitPartition.GetNoLimiter("gold")
            : RateLimitPartition.GetSlidingWindowLimiter(tenant.Id.Value, _ => new() { PermitLimit = 50, Window = TimeSpan.FromSeconds(10), SegmentsPerWindow = 10 }));
    }
}
