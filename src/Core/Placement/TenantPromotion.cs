namespace Freehold;

/// <summary>A tenant that the rules would place elsewhere, were it new: its plan, size or region has changed, or the rules have.</summary>
/// <param name="Tenant">The tenant, as recorded.</param>
/// <param name="From">Where its data is.</param>
/// <param name="To">Where the rules would put it.</param>
public sealed record TenantPromotion(Tenant Tenant, TenantPlacement From, TenantPlacement To);
