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
}
