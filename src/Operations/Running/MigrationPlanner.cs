using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Freehold.Operations.Running;

/// <summary>Finds out where the migrations of places stand, and what takes them to a target. Changes nothing.</summary>
internal sealed class MigrationPlanner(
    DatabaseProvider provider, ITenantStore store, TenantPlacer placer, TenantPlaces places, MigrationScripts scripts, SiteMigrator migrator, AppliedSql appliedSql,
    ILogger<MigrationPlanner> logger)
{
    // Databases of tenants' own, each with a connection of its own for a moment.
    private const int MaxDatabasesAtOnce = 8;

    public async Task<TenantMigrationPlan> PlanAsync(IReadOnlyList<Tenant> tenants, TenantMigrationOptions options, CancellationToken cancellationToken)
    {
        var (sites, refused) = SitesOf(tenants);
        var target = TargetOf(options, sites);
        var shared = scripts.HasSharedContexts && target == MigrationTarget.Latest ? new SiteState(Site.Shared, []) : null;
        var databases = provider is NpgsqlProvider
            ? await ByDatabaseAsync(shared is null ? sites : [shared, .. sites], target, cancellationToken).ConfigureAwait(false)
            : [await OneByOneAsync(shared is null ? sites : [shared, .. sites], target, cancellationToken).ConfigureAwait(false)];
        var found = await WithoutOthersRowsAsync([.. databases.SelectMany(database => database.Sites)], cancellationToken).ConfigureAwait(false);
        CheckDowns(found);
        var edited = databases.SelectMany(database => database.Edited).DistinctBy(edited => (edited.Server, edited.Database, edited.Context, edited.Id)).ToArray();
        foreach (var migration in edited.GroupBy(migration => (migration.Context, migration.Id)))
        {
            logger.Edited(migration.Key.Id, migration.Key.Context, migration.Min(place => place.FirstAppliedAt), string.Join(", ", migration.Select(place => place.Server).Distinct()), migration.Count());
        }

        return new(found.FirstOrDefault(site => site.Site.Tenant is null), [.. found.Where(site => site.Site.Tenant is not null), .. refused], target)
        {
            Edited = edited,
            EditedIn = [.. databases.SelectMany(database => database.EditedIn)],
            Superseded = [.. databases.SelectMany(database => database.Superseded)],
        };
    }

    private MigrationTarget TargetOf(TenantMigrationOptions options, List<SiteState> sites)
    {
        if (sites is not [var first, ..])
        {
            return new(options.Context, options.Target);
        }

        using var connection = provider.CreateAdministrative(first.Site.Placement, maintenance: false);
        return TargetFinder.Find(options, scripts.Of(first.Site, connection));
    }

    // Tenants by place. A record that places nobody anywhere is that tenant's trouble, not the others'.
    private (List<SiteState> Sites, List<SiteState> Refused) SitesOf(IReadOnlyList<Tenant> tenants)
    {
        var (sites, refused) = (new Dictionary<object, (Site Site, List<Tenant> Tenants)>(), new List<SiteState>());
        foreach (var tenant in tenants)
        {
            try
            {
                var site = new Site(tenant, placer.Place(tenant));
                object place = site.IsByRow ? (site.Placement!.Server, site.Placement.Database, site.Placement.Schema) : tenant.Id;
                if (!sites.TryGetValue(place, out var known))
                {
                    sites[place] = known = (site, []);
                }

                known.Tenants.Add(tenant);
            }
            catch (Exception failure) when (failure is MultiTenancyConfigurationException or TenantException)
            {
                refused.Add(new(new(tenant, null), [tenant]) { Error = new(tenant.Id, failure.Message, inner: failure) });
            }
        }

        return ([.. sites.Values.Select(known => new SiteState(known.Site, known.Tenants))], refused);
    }

    private async Task<IReadOnlyList<PlannedDatabase>> ByDatabaseAsync(IReadOnlyList<SiteState> sites, MigrationTarget target, CancellationToken cancellationToken)
    {
        var databases = sites.GroupBy(site => (site.Server, site.Site.Placement?.Database)).Select(group => group.ToArray()).ToArray();
        var found = new PlannedDatabase[databases.Length];
        await Parallel.ForAsync(
            0,
            databases.Length,
            new ParallelOptions { MaxDegreeOfParallelism = MaxDatabasesAtOnce, CancellationToken = cancellationToken },
            async (i, token) => found[i] = await OfDatabaseAsync(databases[i], target, token).ConfigureAwait(false)).ConfigureAwait(false);
        return found;
    }

    private async Task<PlannedDatabase> OfDatabaseAsync(SiteState[] sites, MigrationTarget target, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)provider.CreateAdministrative(NpgsqlPlaces.Nameless(sites[0].Site.Placement), maintenance: false);
        await using var _ = connection.ConfigureAwait(false);
        var contexts = sites.Select(site => scripts.Of(site.Site, connection)).ToArray();
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var found = await HistoryReader.ReadAsync(connection, contexts.Distinct().SelectMany(known => known), cancellationToken).ConfigureAwait(false);
            var (comparison, states) = (new SiteComparison(places, target), new List<SiteState>());
            foreach (var (site, known) in sites.Zip(contexts))
            {
                states.Add(known.Any(context => context.IdColumn is null)
                    ? await AskEfAsync(site, target, cancellationToken).ConfigureAwait(false)
                    : comparison.Of(site, known, found));
            }

            return WithEdited(new(states), sites, connection, found);
        }
        catch (NpgsqlException failure)
        {
            return new([.. sites.Select(site => site with { Error = places.Explain(site.Site, "Looking for migrations", failure) })]);
        }
    }

    // What a Down takes away, it takes away from everybody in the place.
    private async Task<IReadOnlyList<SiteState>> WithoutOthersRowsAsync(SiteState[] sites, CancellationToken cancellationToken)
    {
        if (!sites.Any(site => site.Site.IsByRow && site.Reverted.Count > 0))
        {
            return sites;
        }

        var everybody = new List<Tenant>();
        await foreach (var tenant in store.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            everybody.Add(tenant);
        }

        var places = SitesOf([.. everybody.Where(tenant => tenant.State != TenantState.Deleted)]).Sites
            .Where(site => site.Site.IsByRow).ToDictionary(site => (site.Server, site.Site.Placement!.Database, site.Site.Placement.Schema));
        return [.. sites.Select(site => site.Site.IsByRow && site.Reverted.Count > 0
            && places[(site.Server, site.Site.Placement!.Database, site.Site.Placement.Schema)].Tenants.ExceptBy(site.Tenants.Select(tenant => tenant.Id), tenant => tenant.Id).FirstOrDefault() is { } other
            ? site with
            {
                Pending = [],
                Reverted = [],
                Error = site.Site.Refused($"its rows are in one place with those of '{other.Id}', who was not chosen, and '{site.Reverted[0].Id}' would be reverted for both. Choose all tenants of the place."),
            }
            : site)];
    }

    // Before any tenant is begun: those that cannot be reverted say so.
    private void CheckDowns(IReadOnlyList<SiteState> sites)
    {
        var checkedDowns = new HashSet<(ContextScripts, string)>();
        foreach (var site in sites.Where(site => site.Reverted.Count > 0))
        {
            using var connection = provider.CreateAdministrative(site.Site.Placement, maintenance: false);
            foreach (var (context, moves) in scripts.Of(site.Site, connection).Zip(site.Moves))
            {
                MigrationMove[] downs = [.. moves.Where(move => move.IsDown && checkedDowns.Add((context, move.Id)))];
                scripts.Described(context, downs, site.Site, connection);
            }
        }
    }

    private PlannedDatabase WithEdited(PlannedDatabase planned, SiteState[] sites, NpgsqlConnection connection, DatabaseHistories found)
    {
        if (found.Sql.Count == 0)
        {
            return planned;
        }

        foreach (var site in sites.Select(state => state.Site).DistinctBy(site => (site.Tenant is null, site.IsByRow)))
        {
            var differing = appliedSql.Differing(site, connection, found.Sql).ToLookup(
                differing => found.Sets.Any(set => set.History == differing.History && set.Ids.Contains(differing.Migration.Id)));
            if (differing[true].Any())
            {
                planned.EditedIn.Add((site, [.. differing[true].Select(edited => edited.Migration)]));
            }

            foreach (var (migration, _, firstAppliedAt) in differing[true])
            {
                var server = site.Placement?.Server ?? TenantPlacement.DefaultServer;
                planned.Edited.Add(new(migration.Context, migration.Id, firstAppliedAt, server, site.Placement?.Database));
            }

            var pending = planned.Sites.Where(state => state.Site.IsByRow == site.IsByRow && state.Site.Tenant is null == site.Tenant is null).SelectMany(state => state.Pending).ToHashSet();
            if (differing[false].Any(stale => pending.Contains(stale.Migration)))
            {
                planned.Superseded.Add((site, [.. differing[false].Select(stale => stale.Migration).Where(pending.Contains)]));
            }
        }

        return planned;
    }

    private async Task<PlannedDatabase> OneByOneAsync(IReadOnlyList<SiteState> sites, MigrationTarget target, CancellationToken cancellationToken)
    {
        var states = new List<SiteState>();
        foreach (var site in sites)
        {
            states.Add(await AskEfAsync(site, target, cancellationToken).ConfigureAwait(false));
        }

        return new(states);
    }

    private async Task<SiteState> AskEfAsync(SiteState state, MigrationTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return SiteComparison.Of(state, await migrator.HistoriesAsync(state.Site, cancellationToken).ConfigureAwait(false), [], target);
        }
        catch (TenantOperationException failure)
        {
            return state with { Error = failure };
        }
        catch (System.Data.Common.DbException failure)
        {
            return state with { Error = places.Explain(state.Site, "Looking for migrations", failure) };
        }
    }
}

/// <summary>What was found in a database: its places, and what was edited.</summary>
internal sealed record PlannedDatabase(IReadOnlyList<SiteState> Sites)
{
    public List<EditedMigration> Edited { get; } = [];

    public List<(Site Site, IReadOnlyList<TenantMigration> Migrations)> EditedIn { get; } = [];

    public List<(Site Site, IReadOnlyList<TenantMigration> Migrations)> Superseded { get; } = [];
}
