using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Seeding;

/// <summary>Looks up what a tenant lacks, and applies it inside the tenant.</summary>
internal sealed class SeedRunner(IServiceScopeFactory scopes, TenantPlaces places, SeedJournal journal, SeedList seeds, ILogger<SeedRunner> logger)
{
    /// <summary>Applies what it lacks, one after the other.</summary>
    /// <exception cref="OperationCanceledException">It was to stop; what was applied stays.</exception>
    public async Task<IReadOnlyList<TenantSeed>> ApplyAsync(Site site, Stopping stopping)
    {
        var applied = new List<TenantSeed>();
        if (seeds.IsEmpty)
        {
            return applied;
        }

        using var ambient = TenantScope.Enter(site.Tenant!);
        foreach (var seed in await PendingAsync(site, create: true, stopping.Abort).ConfigureAwait(false))
        {
            stopping.Stop.ThrowIfCancellationRequested();
            if (await ExplainedAsync(site, seed.ToString(), () => ApplyAsync(seed, stopping.Abort)).ConfigureAwait(false))
            {
                logger.Seeded(seed.Version, seed.Name, site);
                applied.Add(seed.Seed);
            }
        }

        return applied;
    }

    /// <summary>What it lacks.</summary>
    /// <param name="site">The tenant.</param>
    /// <param name="create">Whether to make the table that remembers, where it is missing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<SeedRegistration>> PendingAsync(Site site, bool create, CancellationToken cancellationToken) => ExplainedAsync(
        site, "Looking for seeds", async () => seeds.Pending(site, await journal.ReadAsync(site, create, cancellationToken).ConfigureAwait(false)));

    private async Task<bool> ApplyAsync(SeedRegistration seed, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
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
