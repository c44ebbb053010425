using Freehold;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shop.Readme;

namespace Shop.AspNetCoreReadme;

internal static class Setup
{
    public static void Run(WebApplicationBuilder builder, WebApplication app)
    {
        builder.Services.AddMultiTenancy(tenancy => tenancy
            .UseTenants(new Tenant("acme"), new Tenant("globex"))
            .AddAspNetCore(http => http.FromHeader().FromHost("{tenant}.example.com", "www").FromClaim("tenant_id")));

        app.UseMultiTenancy();

        app.MapGet("/orders", (ShopDb db) => db.Orders.ToListAsync());   // needs a tenant, as every endpoint does by default
        app.MapGet("/health", () => "ok").AllowNoTenant();               // or [AllowNoTenant] on a handler, action or controller

        builder.Services.AddHttpClient("billing").AddTenantHeader(hosts: "billing.internal");   // told who the tenant is, and nobody else
        builder.Services.AddHealthChecks().AddMultiTenancy();            // tenant-server:eu, for each PostgreSQL server
    }
}

public sealed class OrdersHub(ITenantContext tenants) : Hub
{
    public Task Announce(string text) => Clients.Tenant(tenants.Required).SendAsync("announced", text);   // not Clients.All
}
