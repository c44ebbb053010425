using Freehold;
using Hangfire;
using Microsoft.AspNetCore.Builder;

namespace Shop.HangfireReadme;

internal static class Setup
{
    public static void Run(WebApplicationBuilder builder)
    {
        builder.Services.AddMultiTenancy(tenancy => tenancy.UseTenants(new Tenant("acme"), new Tenant("globex")));
        builder.Services.AddHangfire((services, hangfire) => hangfire.UseInMemoryStorage().UseMultiTenancy(services));
        builder.Services.AddHangfireServer();
    }

    public static void Recur(IRecurringJobManager recurringJobs)
    {
        recurringJobs.AddOrUpdateForTenant<Invoices>("acme", "monthly", job => job.SendAsync(), Cron.Monthly());
        recurringJobs.AddOrUpdateForEachTenant<Invoices>("daily", job => job.RemindAsync(), Cron.Daily());
        recurringJobs.RemoveTenantJobs("acme");   // where the tenant is removed
    }
}

internal abstract class Invoices
{
    public abstract Task SendAsync();

    public abstract Task RemindAsync();
}
