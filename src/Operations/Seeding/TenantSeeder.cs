using Freehold.Operations.Places;
using Freehold.Operations.Running;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Seeding;

/// <summary>Seeds one, or all on the loop of all operations. Each tenant's own place remembers what was applied, so a run needs no journal.</summary>
internal sealed class TenantSeeder(ITenantStore store, TenantSites sites, SeedRunner runner, ILogger<TenantSeeder> logger) : ITenantSeeder
{
    private const string Operation = "seed";

    public async Task<TenantSeedResult> SeedAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await SiteAsync(tenant, cancellationToken).ConfigureAwait(false);
        return new(await runner.ApplyAsync(site, new(cancellationToken, cancellationToken)).ConfigureAwait(false));
    }

    public async Task<TenantOperationResult> SeedAllAsync(
        TenantSelection? tenants = null, TenantRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        options.Check();
        var chosen = await (tenants ?? TenantSelection.All).FindAsync(store, cancellationToken).ConfigureAwait(false);
        var units = chosen.Select(tenant => new WorkUnit(
            tenant.Placement?.Server ?? TenantPlacement.DefaultServer, [tenant], (_, stop) => TurnAsync(tenant, stop))).ToArray();
        return await new OperationLoop(Operation, options, logger, _ => Task.CompletedTask).RunAsync(units, [], cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<TenantSeed>> GetPendingAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await SiteAsync(tenant, cancellationToken).ConfigureAwait(false);
        return [.. (await runner.PendingAsync(site, create: false, cancellationToken).ConfigureAwait(false)).Select(seed => seed.Seed)];
    }

    // A run ends between two seeds; the one that runs is finished.
    private async Task<UnitResult> TurnAsync(Tenant tenant, CancellationToken stop)
    {
        var site = await SiteAsync(tenant, CancellationToken.None).ConfigureAwait(false);
        var applied = await runner.ApplyAsync(site, new(stop, CancellationToken.None)).ConfigureAwait(false);
        return applied.Count == 0 ? UnitResult.Nothing : UnitResult.Done;
    }

    private async Task<Site> SiteAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        return site.Tenant!.State switch
        {
            TenantState.Deleted => throw site.Refused("it was deleted, so it gets no seeds."),
            TenantState.Spare => throw site.Refused("it is a spare and nobody's yet; it gets its seeds when a tenant claims it (ITenantSpares.ClaimAsync)."),
            _ => site,
        };
    }
}
