using System.Data.Common;
using Freehold.Operations.Places;
using Freehold.Operations.Running;
using Npgsql;

namespace Freehold.Operations.Migrating;

/// <summary>Migrates all contexts on one site, whose lock the caller holds.</summary>
internal sealed class SiteMigrator(MigrationScripts scripts, ScriptRunner runner, EfMigrator ef, AppliedSql appliedSql, TenantPlaces places)
{
    public bool HasSharedContexts => scripts.HasSharedContexts;

    /// <summary>Applies what is pending, on a connection of its own.</summary>
    /// <param name="site">Where.</param>
    /// <param name="stopping">How it can be ended.</param>
    /// <param name="isForShow">Whether it is nobody's place, and dropped again.</param>
    public async Task<IReadOnlyList<TenantMigration>> MigrateAsync(Site site, Stopping stopping, bool isForShow = false)
    {
        var connection = await places.OpenAsync(site, stopping.Stop).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await places.ClaimAsync(site, connection, stopping.Stop).ConfigureAwait(false);
        var done = new List<TenantMigration>();
        await MigrateAsync(site, connection, new(MigrationTarget.Latest, done.Add), stopping).ConfigureAwait(false);

        // A Down that was interrupted was finished first, and was nothing that was asked for.
        TenantMigration[] applied = [.. done.Where(migration => !migration.IsReverted)];
        if (applied.Length > 0)
        {
            if (!isForShow)
            {
                await appliedSql.RecordAsync(site, connection, applied).ConfigureAwait(false);
            }

            await places.RefreshAsync(site, stopping.Abort).ConfigureAwait(false);
        }

        return applied;
    }

    /// <summary>
    /// Takes all contexts to the target in one transaction and one round trip, if each step can be in one, nothing is to come between them, and the histories are
    /// still as they were planned for.
    /// </summary>
    public async Task<AtOnce> TryAtOnceAsync(SiteState state, NpgsqlConnection connection, MigrationWay way, PlaceOfWork place, Stopping stopping)
    {
        var contexts = scripts.Of(state.Site, connection);
        return way.IsOneByOne || state.IsDirty || contexts.Count != state.Histories.Count || contexts.Any(context => context.IdColumn is null || context.HasSeeding) || places.HasSessionOf(state.Site)
            ? AtOnce.NotDone
            : await runner.TryAtOnceAsync(connection, state.Site, place, [.. contexts.Zip(state.Histories)], way, stopping).ConfigureAwait(false);
    }

    /// <summary>A place that is not there yet: nothing is in its histories.</summary>
    public SiteState New(Site site, DbConnection connection) => new(site, [site.Tenant!]) { Histories = [.. scripts.Of(site, connection).Select(_ => (IReadOnlySet<string>?)null)] };

    /// <summary>Takes all contexts to the target, on a connection whose unqualified names mean the site's tables.</summary>
    public async Task MigrateAsync(Site site, DbConnection connection, MigrationWay way, Stopping stopping)
    {
        using var ambient = EfMigrator.Enter(site);
        foreach (var context in scripts.Of(site, connection).Where(way.Target.Concerns))
        {
            stopping.Stop.ThrowIfCancellationRequested();
            await places.BeginAsync(site, connection, stopping.Stop).ConfigureAwait(false);
            var isOurs = connection is NpgsqlConnection && context.IdColumn is not null;
            if (isOurs)
            {
                await runner.ApplyAsync((NpgsqlConnection)connection, site, places.SchemaOf(site)!, context, way, stopping).ConfigureAwait(false);
            }

            // EF's own seeding is written for the newest tables.
            if (!isOurs || (context.HasSeeding && way.Target.Id is null))
            {
                await ef.MigrateAsync(site, connection, context, way, stopping).ConfigureAwait(false);
            }

            await places.ProtectAsync(site, connection, stopping.Stop).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the history rows of what a plan found pending, on a connection whose unqualified names mean the site's tables; runs no migration.</summary>
    /// <exception cref="TenantOperationException">The place is not as it was planned for; nothing was written.</exception>
    public async Task MarkAsync(SiteState state, DbConnection connection, Stopping stopping)
    {
        var site = state.Site;
        using var ambient = EfMigrator.Enter(site);
        var contexts = scripts.Of(site, connection).Zip(state.Histories, state.Moves).Select(context => (Context: context.First, History: context.Second, Marked: context.Third)).ToArray();
        if (connection is NpgsqlConnection npgsql && contexts.All(context => context.Context.IdColumn is not null))
        {
            await runner.MarkAsync(npgsql, site, places.SchemaOf(site)!, contexts, state.IsDirty, stopping).ConfigureAwait(false);
        }
        else
        {
            foreach (var (context, history, marked) in contexts.Where(context => context.Marked.Count > 0))
            {
                await ef.MarkAsync(site, connection, context, history, marked, stopping).ConfigureAwait(false);
            }
        }

        // Tables that something else made have no policies.
        await places.ProtectAsync(site, connection, stopping.Stop).ConfigureAwait(false);
    }

    /// <summary>Asks EF for each context's history.</summary>
    public async Task<IReadOnlyList<(ContextScripts Context, IReadOnlySet<string>? History)>> HistoriesAsync(Site site, CancellationToken cancellationToken)
    {
        using var ambient = EfMigrator.Enter(site);
        var connection = await places.OpenAsync(site, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var histories = new List<(ContextScripts, IReadOnlySet<string>?)>();
        foreach (var context in scripts.Of(site, connection))
        {
            histories.Add((context, await ef.HistoryAsync(site, connection, context, cancellationToken).ConfigureAwait(false)));
        }

        return histories;
    }

    /// <summary>What is pending.</summary>
    public async Task<IReadOnlyList<TenantMigration>> PendingAsync(Site site, CancellationToken cancellationToken)
    {
        var histories = await HistoriesAsync(site, cancellationToken).ConfigureAwait(false);
        return [.. histories.SelectMany(known => MigrationCourse.Of(known.Context, known.History ?? ScriptRunner.EmptyHistory, [], MigrationTarget.Latest).Select(known.Context.Migration))];
    }
}
