using Freehold.Core.Data.Connections;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Freehold.Operations.Running;

/// <summary>Does what a plan of migrations says.</summary>
internal sealed class MigrationRunner(
    DatabaseProvider provider, TenantPlaces places, TenantSites sites, SiteMigrator migrator, AppliedSql appliedSql, OutOfService outOfService, OperationRunner runner,
    ILogger<MigrationRunner> logger)
{
    /// <summary>The names of these operations in the journal.</summary>
    public const string Migrate = "migrate";

    /// <inheritdoc cref="Migrate"/>
    public const string Mark = "mark-applied";

    /// <exception cref="MultiTenancyConfigurationException">The options do not allow the plan.</exception>
    public void Check(TenantMigrationPlan plan, TenantRunOptions options)
    {
        options.Check();
        if (options.TakeOutOfService)
        {
            outOfService.Check();
        }

        if (options.Edited == EditedMigrationHandling.Refuse && plan.Edited is [var edited, ..])
        {
            throw new MultiTenancyConfigurationException(
                $"Migration '{edited.Id}' of {edited.Context} was edited after it was first applied ({edited.FirstAppliedAt:u}){(plan.Edited.Count > 1 ? $", and {plan.Edited.Count - 1} more" : "")}; "
                + $"TenantRunOptions.Edited is {EditedMigrationHandling.Refuse}, so nothing was done. Take the edit back and add a migration instead; or, where both do the same, run once with {EditedMigrationHandling.Accept}.");
        }
    }

    /// <summary>Applies and reverts.</summary>
    public async Task<TenantOperationResult> MigrateAsync(RunSession session, TenantMigrationPlan plan, TenantRunOptions options, CancellationToken cancellationToken)
    {
        var todo = plan.Sites.Where(site => site.NeedsTurn).ToArray();
        if (!cancellationToken.IsCancellationRequested)
        {
            await RecordAsync(plan.Superseded, isAskedFor: false).ConfigureAwait(false);
            await RecordAsync(options.Edited == EditedMigrationHandling.Accept ? plan.EditedIn : [], isAskedFor: true).ConfigureAwait(false);
        }

        var units = todo.Select(site => MigratingUnit(session, site, plan.Target, options)).ToArray();
        var result = await runner.RunAsync(session, Migrate, units, Before(plan.Sites), options, isRecordedThere: true, cancellationToken).ConfigureAwait(false);
        await RefreshAsync(todo, result).ConfigureAwait(false);
        return result;
    }

    /// <summary>Writes rows of histories, those of the shared tables first.</summary>
    public async Task<TenantOperationResult> MarkAsync(RunSession session, TenantMigrationPlan plan, TenantRunOptions options, CancellationToken cancellationToken)
    {
        if (plan.SharedState is { Error: { } error })
        {
            throw error;
        }

        if (plan.SharedState is { Pending.Count: > 0 } shared && !cancellationToken.IsCancellationRequested)
        {
            await places.ExplainedAsync(shared.Site, "Marking migrations as applied", () => MarkSharedAsync(shared)).ConfigureAwait(false);
        }

        SiteState[] sites = [.. plan.Sites.Select(site => site.Error is null && site.Reverted.Count > 0 ? site with { Error = Beyond(site) } : site)];
        var units = sites.Where(site => site.NeedsTurn).Select(site => Unit(session, site, options, async (slot, done, token) =>
        {
            await session.MarkAsync(slot, site, token).ConfigureAwait(false);
            done.AddRange(Marked(site));
        })).ToArray();
        return await runner.RunAsync(session, Mark, units, Before(sites), options, isRecordedThere: true, cancellationToken).ConfigureAwait(false);
    }

    // Mostly one round trip is all that it takes: the transaction holds the place's lock.
    private WorkUnit MigratingUnit(RunSession session, SiteState state, MigrationTarget target, TenantRunOptions options)
    {
        var isWithin = session.CanLockWithin(state.Site) && !state.Site.IsSpare && !options.TakeOutOfService && !state.Tenants.Any(OutOfService.IsLeft);
        var unit = Unit(session, state, options, async (slot, done, token) =>
        {
            var way = WayOf(state, target, options, done);
            if (isWithin || !await session.TryMigrateAtOnceAsync(slot, state, way, isLocked: true, token).ConfigureAwait(false))
            {
                await session.MigrateAsync(slot, state, way, token).ConfigureAwait(false);
            }
        });
        return !isWithin ? unit : unit with
        {
            Do = async (slot, token) => await places.ExplainedAsync(
                state.Site,
                "Migrating",
                () => session.TryMigrateAtOnceAsync(slot, state, WayOf(state, target, options, unit.Migrations), isLocked: false, token)).ConfigureAwait(false)
                    ? UnitResult.Done
                    : await unit.Do(slot, token).ConfigureAwait(false),
        };
    }

    private static TenantOutcome[] Before(IReadOnlyList<SiteState> sites) =>
    [
        .. sites.Where(site => site is { NeedsTurn: false }).SelectMany(site => site.Tenants.Select(tenant => site.Error is null
            ? new TenantOutcome(tenant, TenantOutcomeKind.NothingToDo)
            : new TenantOutcome(tenant, TenantOutcomeKind.Failed) { Error = site.Error })),
    ];

    private MigrationWay WayOf(SiteState state, MigrationTarget target, TenantRunOptions options, List<TenantMigration> done)
    {
        return new(target, Done) { Before = Hook(options.BeforeMigration), After = Hook(options.AfterMigration) };

        void Done(TenantMigration migration)
        {
            done.Add(migration);
            if (migration.IsReverted)
            {
                logger.Reverted(migration.Id, migration.Context, state.Site);
            }
            else
            {
                logger.Applied(migration.Id, migration.Context, state.Site);
            }
        }

        // Those of a place of rows have it together.
        Func<TenantMigration, Task>? Hook(Func<Tenant, TenantMigration, CancellationToken, Task>? hook) => hook is null ? null : async migration =>
        {
            using var nobody = TenantScope.EnterNone();
            foreach (var tenant in state.Tenants)
            {
                await hook(tenant, migration, CancellationToken.None).ConfigureAwait(false);
            }
        };
    }

    private static TenantOperationException Beyond(SiteState state) => state.Site.Refused(
        $"its history holds '{state.Reverted[0].Id}', which the plan reverts; marking only adds. Choose a later target, or migrate to this one.");

    private WorkUnit Unit(
        RunSession session, SiteState state, TenantRunOptions options, Func<Slot, List<TenantMigration>, CancellationToken, Task> work)
    {
        var done = new List<TenantMigration>();
        return new(state.Server, state.Tenants, TurnAsync) { Migrations = done };

        async Task<UnitResult> TurnAsync(Slot slot, CancellationToken cancellationToken)
        {
            var held = await places.ExplainedAsync(state.Site, "Migrating", () => session.LockAsync(state.Site, cancellationToken)).ConfigureAwait(false);
            await using var _ = held.ConfigureAwait(false);
            await CheckUnclaimedAsync(state.Site, cancellationToken).ConfigureAwait(false);
            await outOfService.DuringAsync(
                state.Tenants, options.TakeOutOfService, () => places.ExplainedAsync(state.Site, "Migrating", () => work(slot, done, cancellationToken)), cancellationToken).ConfigureAwait(false);
            return done.Count == 0 && !state.Tenants.Any(OutOfService.IsLeft) ? UnitResult.Nothing : UnitResult.Done;
        }
    }

    // Who claims a spare needs the place's lock to work there, so it is a spare to the end of the turn, or is provisioned with what was done here.
    private async Task CheckUnclaimedAsync(Site site, CancellationToken cancellationToken)
    {
        if (site.IsSpare && await sites.FindAsync(site.Tenant!, cancellationToken).ConfigureAwait(false) is not { State: TenantState.Spare })
        {
            throw site.Refused("the spare was claimed or dropped after the plan was made, so nothing was done. Plan anew.", isRetryable: true);
        }
    }

    private async Task MarkSharedAsync(SiteState shared)
    {
        var held = await places.LockAsync(shared.Site, CancellationToken.None).ConfigureAwait(false);
        await using var _ = held.ConfigureAwait(false);
        await places.EnsureAsync(shared.Site, CancellationToken.None).ConfigureAwait(false);
        var connection = await places.OpenAsync(shared.Site, CancellationToken.None).ConfigureAwait(false);
        await using var __ = connection.ConfigureAwait(false);
        await places.ClaimAsync(shared.Site, connection, CancellationToken.None).ConfigureAwait(false);
        await migrator.MarkAsync(shared, connection, default).ConfigureAwait(false);
        Marked(shared);
    }

    private IReadOnlyList<TenantMigration> Marked(SiteState state)
    {
        foreach (var migration in state.Pending)
        {
            logger.Marked(migration.Id, migration.Context, state.Site);
        }

        return state.Pending;
    }

    // What nobody has any more is first applied anew; what was edited is what it is now, where that is asked for.
    private async Task RecordAsync(IReadOnlyList<(Site Site, IReadOnlyList<TenantMigration> Migrations)> changed, bool isAskedFor)
    {
        foreach (var (site, migrations) in changed)
        {
            var connection = (NpgsqlConnection)provider.CreateAdministrative(NpgsqlPlaces.Nameless(site.Placement), maintenance: false);
            await using var _ = connection.ConfigureAwait(false);
            try
            {
                await connection.OpenAsync().ConfigureAwait(false);
                await appliedSql.ReplaceAsync(site, connection, migrations).ConfigureAwait(false);
            }
            catch (NpgsqlException failure) when (!isAskedFor)
            {
                logger.SqlNotRecorded(connection.Database, failure);
            }
            catch (NpgsqlException failure)
            {
                throw places.Explain(site, "Recording which SQL migrations are", failure);
            }
        }
    }

    // Once for each database: this process's data sources learn the types that migrations made there.
    private async Task RefreshAsync(IReadOnlyList<SiteState> sites, TenantOperationResult result)
    {
        var changed = result.Outcomes.Where(outcome => outcome.Applied.Count + outcome.Reverted.Count > 0).Select(outcome => outcome.Tenant.Id).ToHashSet();
        foreach (var site in sites.Where(site => site.Tenants.Any(tenant => changed.Contains(tenant.Id))).DistinctBy(site => (site.Server, site.Site.Placement?.Database)))
        {
            await places.ExplainedAsync(site.Site, "Reading the types of its database", () => places.RefreshAsync(site.Site, CancellationToken.None)).ConfigureAwait(false);
        }
    }
}
