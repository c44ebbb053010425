using Freehold.Operations.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Seeding;

/// <summary>Looks up what a tenant lacks, and applies it inside the tenant.</summary>
internal sealed class TenantSeeder(
    IServiceProvider services, TenantSites sites, TenantPlaces places, SeedJournal journal, SeedList seeds, ILogger<TenantSeeder> logger) : ITenantSeeder
{
    public async Task<TenantSeedResult> SeedAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await SiteAsync(tenant, cancellationToken).ConfigureAwait(false);
        using var ambient = TenantScope.Enter(site.Tenant!);
        var applied = new List<TenantSeed>();
        foreach (var seed in await PendingAsync(site, create: true, cancellationToken).ConfigureAwait(false))
        {
            if (await ExplainedAsync(site, seed.ToString(), () => ApplyAsync(seed, cancellationToken)).ConfigureAwait(false))
            {
                logger.Seeded(seed.Version, seed.Name, site);
                applied.Add(seed.Seed);
            }
        }

        return new(applied);
    }

    public Task<TenantRun> SeedAllAsync(Action<ForEachTenantOptions>? configure = null, CancellationToken cancellationToken = default) =>
        services.ForEachTenantAsync((_, token) => SeedAsync(TenantScope.Current!, token), configure, cancellationToken);

    public async Task<IReadOnlyList<TenantSeed>> GetPendingAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await SiteAsync(tenant, cancellationToken).ConfigureAwait(false);
        return [.. (await PendingAsync(site, create: false, cancellationToken).ConfigureAwait(false)).Select(seed => seed.Seed)];
    }

    private async Task<Site> SiteAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        return site.Tenant is { State: TenantState.Deleted } ? throw site.Refused("it was deleted, so it gets no seeds.") : site;
    }

    private Task<IReadOnlyList<SeedRegistration>> PendingAsync(Site site, bool create, CancellationToken cancellationToken) => ExplainedAsync(
        site, "Looking for seeds", async () => seeds.Pending(site, await journal.ReadAsync(site, create, cancellationToken).ConfigureAwait(false)));

    private async Task<bool> ApplyAsync(SeedRegistration seed, CancellationToken cancellationToken)
    {
        var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        return await seed.ApplyAsync(scope.ServiceProvider, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> ExplainedAsync<T>(Site site, string doing, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or TenantOperationException or TenantException or MultiTenancyConfigurationException))
        {
            var cause = failure is DbUpdateException { InnerException: { } inner } ? inner : failure;
            var explained = places.Explain(site, doing, cause);
            throw new TenantOperationException(site.Id, explained.Message, explained.IsRetryable, failure);
        }
    }
}
