using System.Data.Common;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Drift;

/// <summary>A reference for all places of a kind in a database, a fingerprint of each, and details of those that differ.</summary>
internal sealed class TenantDrift(
    ITenantStore store, TenantSites sites, TenantPlaces places, SiteMigrator migrator, DriftReference reference, CatalogSource catalogs) : ITenantDrift
{
    // Databases are asked one by one, on a connection each.
    private const int Parallelism = 4;

    public async Task<DriftReport> CompareAsync(CancellationToken cancellationToken = default)
    {
        catalogs.RefuseOthers();
        var tenants = await TenantSelection.All.FindAsync(store, cancellationToken, withSpares: true).ConfigureAwait(false);
        return await CompareAsync(tenants.Select(sites.Of), cancellationToken).ConfigureAwait(false);
    }

    public async Task<DriftReport> CompareAsync(IEnumerable<Tenant> tenants, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenants);
        catalogs.RefuseOthers();
        var chosen = new List<Site>();
        foreach (var tenant in tenants)
        {
            chosen.Add(await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false));
        }

        return await CompareAsync(chosen, cancellationToken).ConfigureAwait(false);
    }

    private async Task<DriftReport> CompareAsync(IEnumerable<Site> chosen, CancellationToken cancellationToken)
    {
        var all = chosen.GroupBy(site => site.Placement!).Select(group => new Place(group.Key, [.. group.DistinctBy(site => site.Id)])).ToList();
        var drifted = new List<DriftedPlace>();
        foreach (var group in all.GroupBy(place => place.Alike))
        {
            var expected = await reference.ReadAsync(group.First().Placement, cancellationToken).ConfigureAwait(false);
            drifted.AddRange(group.First().IsWhole
                ? await DatabasesAsync(expected, [.. group], cancellationToken).ConfigureAwait(false)
                : await SchemasAsync(expected, [.. group], cancellationToken).ConfigureAwait(false));
        }

        return new(all.Count, [.. drifted.OrderBy(place => place.Tenants[0].Value, StringComparer.Ordinal)]);
    }

    private async Task<IEnumerable<DriftedPlace>> DatabasesAsync(Catalog expected, IReadOnlyList<Place> databases, CancellationToken cancellationToken)
    {
        var drifted = new List<DriftedPlace>[databases.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, databases.Count),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (i, token) => drifted[i] = await SchemasAsync(expected, [databases[i]], token).ConfigureAwait(false)).ConfigureAwait(false);
        return drifted.SelectMany(found => found);
    }

    private async Task<List<DriftedPlace>> SchemasAsync(Catalog expected, IReadOnlyList<Place> schemas, CancellationToken cancellationToken)
    {
        var first = schemas[0];
        var drifted = new List<DriftedPlace>();
        try
        {
            var reader = await catalogs.OpenAsync(first.Placement, cancellationToken).ConfigureAwait(false);
            await using var _ = reader.ConfigureAwait(false);
            var found = await reader.FingerprintsAsync([.. schemas.Select(place => catalogs.NameOf(place.Sites[0]))], first.IsWhole, cancellationToken).ConfigureAwait(false);
            foreach (var place in schemas.Where(place => found.GetValueOrDefault(place.Placement.Schema!) != expected.Fingerprint))
            {
                var actual = await reader.FindAsync(catalogs.NameOf(place.Sites[0]), place.IsWhole, cancellationToken).ConfigureAwait(false);
                if (actual is null)
                {
                    drifted.Add(Missing(place));
                }
                else if (CatalogComparison.Of(expected, actual) is ({ Count: > 0 } differences, var repair))
                {
                    var pending = await migrator.PendingAsync(place.Sites[0], cancellationToken).ConfigureAwait(false);
                    drifted.Add(Drifted(place, pending, differences, pending.Count == 0 ? repair : null));
                }
            }
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName && first.Placement.Database is not null)
        {
            drifted.AddRange(schemas.Select(Missing));
        }
        catch (DbException failure)
        {
            throw places.Explain(first.Sites[0], "Comparing", failure);
        }

        return drifted;
    }

    private static DriftedPlace Missing(Place place)
    {
        var name = SqlText.Identifier((place.IsWhole ? place.Placement.Database : place.Placement.Schema)!);
        return Drifted(place, [], [new(DriftKind.Place, name, "provisioned", null, IsRepairable: false)], null);
    }

    // Where migrations are pending, what they will do is not done beside them.
    private static DriftedPlace Drifted(Place place, IReadOnlyList<TenantMigration> pending, IReadOnlyList<DriftDifference> differences, string? repair) => new(
        [.. place.Sites.Select(site => site.Tenant!.Id).OrderBy(id => id.Value, StringComparer.Ordinal)], place.Placement.Server, place.Placement.Database, place.Placement.Schema!,
        pending, pending.Count == 0 ? differences : [.. differences.Select(difference => difference with { IsRepairable = false })], repair);

    /// <summary>What is compared once.</summary>
    private sealed record Place(ResolvedPlacement Placement, IReadOnlyList<Site> Sites)
    {
        /// <summary>Whether the database is the tenant's with all that is in it.</summary>
        public bool IsWhole => Placement.Isolation == Isolation.Database;

        /// <summary>Places of which this is the same are compared with one reference.</summary>
        public (Isolation, string, string?, string?) Alike =>
            (Placement.Isolation, Placement.Server, IsWhole ? null : Placement.Database, IsWhole ? Placement.Schema : null);
    }
}
