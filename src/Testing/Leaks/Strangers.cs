using Freehold.Core.Placement;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Testing.Leaks;

/// <summary>Clients of the pooler that set nothing, side by side. What they find in the sessions they get was somebody's.</summary>
internal static class Strangers
{
    private const string Look =
        $"""
        SELECT concat_ws(', ',
            (SELECT string_agg(name || ' = ' || setting, ', ') FROM pg_catalog.pg_settings WHERE name IN ('search_path', 'role') AND setting IS DISTINCT FROM reset_val),
            '{TenantSetting.Name} = ' || {TenantSetting.Value})
        """;

    /// <returns>What was found, a sentence each.</returns>
    public static async Task<IReadOnlyList<string>> LookAsync<TContext>(LeakWorld<TContext> world, int strangers, CancellationToken cancellationToken) where TContext : DbContext
    {
        var databases = world.Tenants.Select(world.PlacementOf).DistinctBy(placement => placement.Database);
        var found = await Task.WhenAll(databases.SelectMany(placement => Enumerable.Range(0, strangers).Select(_ => world.AsStrangerAsync(placement, Look, cancellationToken))))
            .ConfigureAwait(false);
        return [.. found.OfType<string>().Where(state => state.Length > 0).Distinct().Select(state => $"A client of the pooler that sets nothing finds {state}")];
    }
}
