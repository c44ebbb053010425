using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Running;

/// <summary>Finds out where the migrations of places stand. Changes nothing.</summary>
internal sealed class MigrationPlanner(
    DatabaseProvider provider, TenantPlacer placer, TenantPlaces places, MigrationScripts scripts, SiteMigrator migrator)
{
    // Databases of tenants' own, each with a connection of its own for a moment.
    private const int MaxDatabasesAtOnce = 8;

    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    public async Task<TenantMigrationPlan> PlanAsync(IReadOnlyList<Tenant> tenants, CancellationToken cancellationToken)
    {
        var (sites, refused) = SitesOf(tenants);
        var shared = scripts.HasSharedContexts ? new SiteState(Site.Shared, []) : null;
        var found = provider is NpgsqlProvider
            ? await ByDatabaseAsync(shared is null ? sites : [shared, .. sites], cancellationToken).ConfigureAwait(false)
            : await OneByOneAsync(shared is null ? sites : [shared, .. sites], cancellationToken).ConfigureAwait(false);
        return new(found.FirstOrDefault(site => site.Site.Tenant is null), [.. found.Where(site => site.Site.Tenant is not null), .. refused]);
    }

    // Tenants by place. A record that places nobody anywhere is that tenant's trouble, not the others'.
    private (List<SiteState> Sites, List<SiteState> Refused) SitesOf(IReadOnlyList<Tenant> tenants)
    {
        var (sites, refused) = (new Dictionary<object, SiteState>(), new List<SiteState>());
        foreach (var tenant in tenants)
        {
            try
            {
                var site = new Site(tenant, placer.Place(tenant));
                object place = site.IsByRow ? (site.Placement!.Server, site.Placement.Database, site.Placement.Schema) : tenant.Id;
                sites[place] = sites.TryGetValue(place, out var known) ? known with { Tenants = [.. known.Tenants, tenant] } : new(site, [tenant]);
            }
            catch (Exception failure) when (failure is MultiTenancyConfigurationException or TenantException)
            {
                refused.Add(new(new(tenant, null), [tenant]) { Error = new(tenant.Id, failure.Message, inner: failure) });
            }
        }

        return ([.. sites.Values], refused);
    }

    private async Task<IReadOnlyList<SiteState>> ByDatabaseAsync(IReadOnlyList<SiteState> sites, CancellationToken cancellationToken)
    {
        var databases = sites.GroupBy(site => (site.Server, site.Site.Placement?.Database)).Select(group => group.ToArray()).ToArray();
        var found = new IReadOnlyList<SiteState>[databases.Length];
        await Parallel.ForAsync(
            0,
            databases.Length,
            new ParallelOptions { MaxDegreeOfParallelism = MaxDatabasesAtOnce, CancellationToken = cancellationToken },
            async (i, token) => found[i] = await OfDatabaseAsync(databases[i], token).ConfigureAwait(false)).ConfigureAwait(false);
        return [.. found.SelectMany(database => database)];
    }

    private async Task<IReadOnlyList<SiteState>> OfDatabaseAsync(SiteState[] sites, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)provider.CreateAdministrative(NpgsqlPlaces.Nameless(sites[0].Site.Placement), maintenance: false);
        await using var _ = connection.ConfigureAwait(false);
        var contexts = sites.ToDictionary(site => site, site => scripts.Of(site.Site, connection));
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var found = await HistoryReader.ReadAsync(connection, contexts.Values.SelectMany(known => known), cancellationToken).ConfigureAwait(false);
            var states = new List<SiteState>();
            foreach (var site in sites)
            {
                states.Add(contexts[site].Any(context => context.IdColumn is null)
                    ? await AskEfAsync(site, cancellationToken).ConfigureAwait(false)
                    : Compare(site, contexts[site], found));
            }

            return states;
        }
        catch (NpgsqlException failure)
        {
            return [.. sites.Select(site => site with { Error = places.Explain(site.Site, "Looking for migrations", failure) })];
        }
    }

    private SiteState Compare(SiteState state, IReadOnlyList<ContextScripts> contexts, DatabaseHistories found)
    {
        var schema = places.SchemaOf(state.Site)!;
        if (!found.Schemas.Contains(schema) && state.Site.Tenant is not null)
        {
            return state with { Error = NpgsqlPlaces.NoSchema(state.Site, schema) };
        }

        var (pending, known, isOutOfOrder) = (new List<TenantMigration>(), new HashSet<string>(StringComparer.OrdinalIgnoreCase), false);
        foreach (var context in contexts)
        {
            var applied = found.Applied.GetValueOrDefault((schema, context.History), Nothing);
            var ids = context.Pending(applied);
            pending.AddRange(ids.Select(id => new TenantMigration(context.Name, id)));
            isOutOfOrder |= ids.Count > 0 && context.Ids.Where(applied.Contains).Any(id => string.CompareOrdinal(id, ids[0]) > 0);
            known.UnionWith(context.Ids);
        }

        return state with
        {
            Pending = pending,
            Histories = [.. contexts.Select(context => found.Applied.GetValueOrDefault((schema, context.History)))],
            Unknown = [.. contexts.Select(context => context.History).Distinct().SelectMany(history => found.Applied.GetValueOrDefault((schema, history), Nothing))
                .Where(id => !known.Contains(id)).Order(StringComparer.Ordinal)],
            IsOutOfOrder = isOutOfOrder,
            IsDirty = found.Dirty.Contains(schema),
        };
    }

    private async Task<IReadOnlyList<SiteState>> OneByOneAsync(IReadOnlyList<SiteState> sites, CancellationToken cancellationToken)
    {
        var states = new List<SiteState>();
        foreach (var site in sites)
        {
            states.Add(await AskEfAsync(site, cancellationToken).ConfigureAwait(false));
        }

        return states;
    }

    private async Task<SiteState> AskEfAsync(SiteState state, CancellationToken cancellationToken)
    {
        try
        {
            return state with { Pending = await migrator.PendingAsync(state.Site, cancellationToken).ConfigureAwait(false) };
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
