using Freehold.Core.Placement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Freehold;

/// <summary>Rules for where new tenants go: by plan, by size, by region.</summary>
public static class TenantPlacementExtensions
{
    /// <summary>
    /// Adds a rule. It is asked when a tenant without a placement is added to the registry or provisioned, and its answer is written into the
    /// tenant's record. Rules are asked in the order they were added; the first answer counts. Where no rule answers, the record says
    /// what <c>IsolateBy</c> says now.
    /// </summary>
    /// <param name="tenancy">What <c>AddMultiTenancy</c> configures.</param>
    /// <param name="place">Where a tenant goes; null leaves it to the next rule.</param>
    /// <param name="onPlaced">As <see cref="ITenantPlacementRule.OnPlacedAsync"/>.</param>
    /// <param name="onPromotion">As <see cref="ITenantPlacementRule.OnPromotionAsync"/>.</param>
    public static MultiTenancyBuilder PlaceBy(
        this MultiTenancyBuilder tenancy,
        Func<Tenant, TenantPlacement?> place,
        Func<Tenant, CancellationToken, Task>? onPlaced = null,
        Func<TenantPromotion, CancellationToken, Task>? onPromotion = null)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        ArgumentNullException.ThrowIfNull(place);
        tenancy.Services.AddSingleton<ITenantPlacementRule>(new DelegatedRule(place, onPlaced, onPromotion));
        return tenancy.AddRules();
    }

    /// <summary>Adds a rule of a class of your own, made once by the container: one that asks a service for the tenant's size, say.</summary>
    public static MultiTenancyBuilder PlaceBy<TRule>(this MultiTenancyBuilder tenancy) where TRule : class, ITenantPlacementRule
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        tenancy.Services.AddSingleton<ITenantPlacementRule, TRule>();
        return tenancy.AddRules();
    }

    private static MultiTenancyBuilder AddRules(this MultiTenancyBuilder tenancy)
    {
        tenancy.Services.TryAddSingleton<PlacementRules>();
        tenancy.Services.TryAddSingleton(services => new TenantPromotions(
            services.GetRequiredService<ITenantStore>(), services.GetRequiredService<PlacementRules>(), services.GetRequiredService<TenantPlacer>()));
        return tenancy;
    }
}
