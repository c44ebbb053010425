namespace Freehold;

/// <summary>
/// Decides where a new tenant's data goes. Asked when a tenant is added without a placement; the answer is stored in its record, so that another
/// rule moves nobody. Register it with <c>PlaceBy</c>.
/// </summary>
public interface ITenantPlacementRule
{
    /// <summary>The tenant's placement; null leaves it to the next rule, and in the end to <c>IsolateBy</c> and the default server.</summary>
    ValueTask<TenantPlacement?> PlaceAsync(Tenant tenant, CancellationToken cancellationToken);

    /// <summary>Called after the record of a tenant that this rule placed was written. What it throws reaches who added the tenant; the record stays.</summary>
    Task OnPlacedAsync(Tenant tenant, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called by <see cref="TenantPromotions.CheckAsync"/> for a tenant that this rule would place elsewhere by now. Nothing has moved.</summary>
    Task OnPromotionAsync(TenantPromotion promotion, CancellationToken cancellationToken) => Task.CompletedTask;
}
