using System.Runtime.CompilerServices;
using Freehold.Core.Data.Connections;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Placement;

/// <summary>Asks the rules in the order of their registration; the first that answers decides.</summary>
internal sealed class PlacementRules(
    IEnumerable<ITenantPlacementRule> rules, IEnumerable<NpgsqlServer> servers, IOptions<MultiTenancyOptions> options, TenantPlacer? placer = null)
{
    private readonly ITenantPlacementRule[] _rules = [.. rules];

    // By the very object that a rule's answer became: from the decision to the record it passes through whoever adds the tenant.
    private readonly ConditionalWeakTable<TenantPlacement, ITenantPlacementRule> _deciders = [];

    /// <summary>Where tenants are that no rule places, and whose record names no place.</summary>
    public TenantPlacement Convention => new(options.Value.Isolation);

    /// <summary>The tenant with a placement: its own, or what the rules say, or the convention. As it is where there are no rules.</summary>
    /// <exception cref="MultiTenancyConfigurationException">A rule names a place that cannot be.</exception>
    public async ValueTask<Tenant> DecideAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        if (tenant.Placement is not null || _rules.Length == 0)
        {
            return tenant;
        }

        foreach (var rule in _rules)
        {
            if (await rule.PlaceAsync(tenant, cancellationToken).ConfigureAwait(false) is { } answer)
            {
                var placement = answer with { };
                _deciders.Add(placement, rule);
                return Checked(tenant with { Placement = placement });
            }
        }

        return Checked(tenant with { Placement = Convention });
    }

    /// <summary>Tells the rule that placed a tenant that its record was written.</summary>
    public Task TellPlacedAsync(Tenant tenant, CancellationToken cancellationToken) => TellPlacedAsync(tenant, tenant, cancellationToken);

    /// <summary>Tells the rule whose decision became a record with further names in its placement.</summary>
    public Task TellPlacedAsync(Tenant decided, Tenant recorded, CancellationToken cancellationToken) =>
        Decider(decided.Placement)?.OnPlacedAsync(recorded, cancellationToken) ?? Task.CompletedTask;

    /// <summary>Tells the rule that would place a tenant elsewhere.</summary>
    public Task TellPromotionAsync(TenantPromotion promotion, CancellationToken cancellationToken) =>
        Decider(promotion.To)?.OnPromotionAsync(promotion, cancellationToken) ?? Task.CompletedTask;

    private ITenantPlacementRule? Decider(TenantPlacement? placement) =>
        placement is not null && _deciders.TryGetValue(placement, out var rule) ? rule : null;

    private Tenant Checked(Tenant tenant)
    {
        var server = tenant.Placement!.Server;
        if (servers.Any() && servers.All(known => known.Name != server))
        {
            throw new MultiTenancyConfigurationException(
                $"A placement rule sends tenant '{tenant.Id}' to server '{server}', and none is registered under that name. Registered: "
                + $"{string.Join(", ", servers.Select(known => known.Name))}. Add it with AddNpgsqlServer, or correct the rule.");
        }

        placer?.Place(tenant);
        return tenant;
    }
}

/// <summary>A rule written as lambdas.</summary>
internal sealed class DelegatedRule(
    Func<Tenant, TenantPlacement?> place, Func<Tenant, CancellationToken, Task>? onPlaced, Func<TenantPromotion, CancellationToken, Task>? onPromotion)
    : ITenantPlacementRule
{
    public ValueTask<TenantPlacement?> PlaceAsync(Tenant tenant, CancellationToken cancellationToken) => new(place(tenant));

    public Task OnPlacedAsync(Tenant tenant, CancellationToken cancellationToken) => onPlaced?.Invoke(tenant, cancellationToken) ?? Task.CompletedTask;

    public Task OnPromotionAsync(TenantPromotion promotion, CancellationToken cancellationToken) =>
        onPromotion?.Invoke(promotion, cancellationToken) ?? Task.CompletedTask;
}
