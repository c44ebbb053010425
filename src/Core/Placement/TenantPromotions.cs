using Freehold.Core.Placement;

namespace Freehold;

/// <summary>Looks which tenants the rules of <c>PlaceBy</c> would place elsewhere by now. Looking moves nobody.</summary>
public sealed class TenantPromotions
{
    private readonly ITenantStore _store;
    private readonly PlacementRules _rules;
    private readonly TenantPlacer _placer;

    internal TenantPromotions(ITenantStore store, PlacementRules rules, TenantPlacer placer) => (_store, _rules, _placer) = (store, rules, placer);

    /// <summary>
    /// Asks the rules for every active or suspended tenant, and calls <see cref="ITenantPlacementRule.OnPromotionAsync"/> of the rule that
    /// would place one elsewhere. Compared are isolation and server, and database and schema where the rule names them.
    /// </summary>
    /// <returns>Who would be elsewhere, in the order of their ids.</returns>
    /// <exception cref="MultiTenancyConfigurationException">A rule names a place that cannot be.</exception>
    public async Task<IReadOnlyList<TenantPromotion>> CheckAsync(CancellationToken cancellationToken = default)
    {
        var promotions = new List<TenantPromotion>();
        await foreach (var tenant in _store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (tenant.State is not (TenantState.Active or TenantState.Suspended))
            {
                continue;
            }

            var wanted = await _rules.DecideAsync(tenant with { Placement = null }, cancellationToken).ConfigureAwait(false);
            if (IsElsewhere(tenant, wanted))
            {
                var promotion = new TenantPromotion(tenant, tenant.Placement ?? _rules.Convention, wanted.Placement!);
                promotions.Add(promotion);
                await _rules.TellPromotionAsync(promotion, cancellationToken).ConfigureAwait(false);
            }
        }

        return promotions;
    }

    private bool IsElsewhere(Tenant recorded, Tenant wanted)
    {
        var (from, to, named) = (_placer.Place(recorded), _placer.Place(wanted), wanted.Placement!);
        return from.Isolation != to.Isolation
            || from.Server != to.Server
            || (named.Database is not null && from.Database != to.Database)
            || (named.Schema is not null && from.Schema != to.Schema);
    }
}
