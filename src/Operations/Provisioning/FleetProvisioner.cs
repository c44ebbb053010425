using System.Collections.Concurrent;
using Freehold.Core.Placement;
using Freehold.Operations.Places;
using Freehold.Operations.Running;

namespace Freehold.Operations.Provisioning;

/// <summary>Provisions many tenants in one run.</summary>
internal sealed class FleetProvisioner(
    ITenantStore store, TenantSites sites, TenantPlaces places, TenantProvisioner provisioner, RunSessions sessions, OperationRunner runner, PlacementRules? rules = null)
{
    /// <summary>The name of the operation in the journal.</summary>
    public const string Provision = "provision";

    public async Task<TenantOperationResult> RunAsync(IReadOnlyCollection<Tenant> tenants, TenantRunOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        if (tenants.GroupBy(tenant => tenant.Id).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Tenant '{twice.Key}' is in the list more than once.", nameof(tenants));
        }

        var (recorded, index) = await KnownAsync(cancellationToken).ConfigureAwait(false);
        var (placed, refused) = await PlaceAsync(tenants, recorded, cancellationToken).ConfigureAwait(false);
        if (placed.Count > 0 && provisioner.HasSharedTables && !cancellationToken.IsCancellationRequested)
        {
            await provisioner.MigrateSharedAsync(CancellationToken.None).ConfigureAwait(false);
        }

        var session = sessions.Open();
        await using var _ = session.ConfigureAwait(false);
        var made = new ConcurrentBag<Site>();
        var units = placed.Select(place => new WorkUnit(place.Site.Placement!.Server, [place.Given], async (slot, token) =>
        {
            var (_, isNew) = await provisioner.MakeAsync(place.Given, place.Site, new(session, slot, index), new(token, CancellationToken.None)).ConfigureAwait(false);
            made.Add(place.Site);
            return isNew ? UnitResult.Done : UnitResult.Nothing;
        })).ToArray();
        var result = await runner.RunAsync(session, Provision, units, [.. refused], options, isRecordedThere: true, cancellationToken).ConfigureAwait(false);
        foreach (var site in made.DistinctBy(site => (site.Placement!.Server, site.Placement.Database)))
        {
            await places.ExplainedAsync(site, "Reading the types of its database", () => places.RefreshAsync(site, CancellationToken.None)).ConfigureAwait(false);
        }

        return result;
    }

    private async Task<(Dictionary<TenantId, Tenant> Recorded, PlaceIndex Index)> KnownAsync(CancellationToken cancellationToken)
    {
        var (recorded, index) = (new Dictionary<TenantId, Tenant>(), new PlaceIndex());
        await foreach (var tenant in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            recorded[tenant.Id] = tenant;
            if (tenant.State != TenantState.Deleted && sites.TryIdentify(tenant) is { } place)
            {
                index.Add(tenant.Id, place);
            }
        }

        return (recorded, index);
    }

    // By its record; where there is none, by what was given, or by the rules. Before the run, because a slot is a server's.
    private async Task<(List<(Tenant Given, Site Site)> Placed, List<TenantOutcome> Refused)> PlaceAsync(
        IEnumerable<Tenant> tenants, Dictionary<TenantId, Tenant> recorded, CancellationToken cancellationToken)
    {
        var (placed, refused) = (new List<(Tenant, Site)>(), new List<TenantOutcome>());
        foreach (var tenant in tenants)
        {
            try
            {
                var known = recorded.GetValueOrDefault(tenant.Id)
                    ?? (rules is null ? tenant : await rules.DecideAsync(tenant, cancellationToken).ConfigureAwait(false));
                placed.Add((tenant, sites.Of(known)));
            }
            catch (Exception failure) when (failure is MultiTenancyConfigurationException or TenantException)
            {
                refused.Add(new(tenant, TenantOutcomeKind.Failed) { Error = failure });
            }
        }

        return (placed, refused);
    }
}
