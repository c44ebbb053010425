namespace Freehold;

/// <summary>
/// Decides where a new tenant's data goes: by its plan and region, or by what else the rule knows, such as the size that is expected. Asked when a
/// tenant without a placement is added; the answer is stored in its record, so that a rule that changes moves nobody. Register it with <c>PlaceBy</c>.
/// </summary>
public interface ITenantPlacementRule
{
    /// <summary>
    /// The tenant's placement; null leaves it to the next rule, and in the end to <c>IsolateBy</c> and the default server. What it throws reaches
    /// who added the tenant, and nothing is recorded or made.
    /// </summary>
    ValueTask<TenantPlacement?> PlaceAsync(Tenant tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Called once the record of a tenant that this rule placed is written. What it throws reaches who added the tenant, and takes the record back, so
    /// that adding can be repeated.
    /// </summary>
    Task OnPlacedAsync(Tenant tenant, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Called by <see cref="TenantPromotions.CheckAsync"/> for a tenant that this rule would place elsewhere by now. Nothing has moved, and each check
    /// calls it again. What it throws ends the check.
    /// </summary>
    Task OnPromotionAsync(TenantPromotion promotion, CancellationToken cancellationToken) => Task.CompletedTask;
}
