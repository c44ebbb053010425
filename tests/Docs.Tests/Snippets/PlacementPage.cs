using Freehold;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.PlacementPage;

public abstract class SalesForecast
{
    public abstract Task<int> UsersAsync(TenantId id, CancellationToken cancellationToken);
}

public abstract class Billing
{
    public abstract Task OpenAsync(Tenant tenant, CancellationToken cancellationToken);
}

public abstract class Tickets
{
    public abstract Task OpenAsync(string what, CancellationToken cancellationToken);
}

public sealed class BySize(SalesForecast forecast) : ITenantPlacementRule
{
    public async ValueTask<TenantPlacement?> PlaceAsync(Tenant tenant, CancellationToken cancellationToken) =>
        await forecast.UsersAsync(tenant.Id, cancellationToken) > 10_000 ? new TenantPlacement(Isolation.Database) : null;
}

internal static class Page
{
    public static void Rules(MultiTenancyBuilder tenancy, string connectionString, string europe, Billing billing, Tickets tickets)
    {
        tenancy.UseNpgsql(connectionString)
            .AddNpgsqlServer("eu", europe)                                        // a named server is a region
            .IsolateBy(Isolation.Row, Isolation.Schema)                           // tables are ready for rows and for schemas of their own
            .PlaceBy<BySize>()
            .PlaceBy(
                tenant => tenant.Plan == "gold" ? new TenantPlacement(Isolation.Database) { Server = tenant.Region ?? "default" } : null,
                onPlaced: (tenant, cancellationToken) => billing.OpenAsync(tenant, cancellationToken),
                onPromotion: (promotion, cancellationToken) => tickets.OpenAsync($"Move {promotion.Tenant.Id} to {promotion.To}", cancellationToken))
            .PlaceBy(tenant => tenant.Region is { } region ? new TenantPlacement(Isolation.Schema) { Server = region } : null);
    }

    public static async Task PromotionsAsync(ITenantRegistry registry, Tenant tenant, TenantPromotions promotions)
    {
        await registry.UpdateAsync(tenant with { Plan = "gold" });                // moves nothing
        foreach (var (grown, from, to) in await promotions.CheckAsync())          // TenantPromotions: asks the rules about everybody
        {
            Console.WriteLine($"{grown.Id}: {from} -> {to}");
        }
    }

    public static void Health(WebApplicationBuilder builder, WebApplication app)
    {
        builder.Services.AddHealthChecks().AddMultiTenancy();
        app.MapHealthChecks("/ready").AllowNoTenant();
        app.MapHealthChecks("/alive", new() { Predicate = check => !check.Tags.Contains("tenant-server") }).AllowNoTenant();   // no restart because a region is down
    }
}
