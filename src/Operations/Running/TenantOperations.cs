using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Running;

/// <summary>Plans and runs.</summary>
internal sealed class TenantOperations(
    IServiceProvider services, ITenantStore store, TenantPlacer placer, TenantPlaces places, SiteMigrator migrator, ITenantProvisioner provisioner,
    IOptions<TenantOperationsOptions> options, ILogger<TenantOperations> logger) : ITenantOperations
{
    private const string Migrate = "migrate";
    private const int MaxName = 200;

    private MigrationPlanner Planner => ActivatorUtilities.CreateInstance<MigrationPlanner>(services);

    public async Task<TenantMigrationPlan> PlanMigrationAsync(TenantSelection? tenants = null, CancellationToken cancellationToken = default) =>
        await Planner.PlanAsync(await (tenants ?? TenantSelection.All).FindAsync(store, cancellationToken, withSpares: true).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    public async Task<TenantOperationResult> MigrateAsync(TenantMigrationPlan plan, TenantRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        options ??= new();
        options.Check();
        if (plan.SharedState is { Error: not null } or { Pending.Count: > 0 } && !cancellationToken.IsCancellationRequested)
        {
            await provisioner.MigrateSharedAsync(CancellationToken.None).ConfigureAwait(false);
        }

        var session = Open();
        await using var _ = session.ConfigureAwait(false);
        var (still, todo) = (plan.Sites.Where(site => site is { Pending.Count: 0, Error: null }), plan.Sites.Where(site => site.Pending.Count > 0).ToArray());
        var before = still.SelectMany(site => site.Tenants.Select(tenant => new TenantOutcome(tenant, TenantOutcomeKind.NothingToDo)))
            .Concat(plan.Sites.Where(site => site.Error is not null).SelectMany(site => site.Tenants.Select(
                tenant => new TenantOutcome(tenant, TenantOutcomeKind.Failed) { Error = site.Error }))).ToArray();
        var units = todo.Select(site => new WorkUnit(site.Server, site.Tenants, (slot, token) => MigrateAsync(session, slot, site, token))).ToArray();
        var result = await RunAsync(session, Migrate, units, before, options, cancellationToken).ConfigureAwait(false);
        await RefreshAsync(todo, result).ConfigureAwait(false);
        return result;
    }

    public async Task<TenantOperationPlan> PlanAsync(string operation, TenantSelection? tenants = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(operation);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(operation.Length, MaxName);
        if (operation == Migrate)
        {
            throw new ArgumentException($"'{Migrate}' is the name of migrations (PlanMigrationAsync). Choose another.", nameof(operation));
        }

        var chosen = await (tenants ?? TenantSelection.All).FindAsync(store, cancellationToken).ConfigureAwait(false);
        var session = Open();
        await using var _ = session.ConfigureAwait(false);
        var done = session.Journal is { } journal
            ? await ExplainedAsync(Site.Shared, "Reading the journal", () => journal.DoneAsync(operation, cancellationToken)).ConfigureAwait(false)
            : new HashSet<string>();
        return new(operation, [.. chosen.Where(tenant => !done.Contains(tenant.Id.Value))], [.. chosen.Where(tenant => done.Contains(tenant.Id.Value))]);
    }

    public async Task<TenantOperationResult> RunAsync(
        TenantOperationPlan plan, Func<Tenant, IServiceProvider, CancellationToken, Task> work, TenantRunOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(work);
        options ??= new();
        options.Check();
        var session = Open();
        await using var _ = session.ConfigureAwait(false);
        var before = plan.Done.Select(tenant => new TenantOutcome(tenant, TenantOutcomeKind.NothingToDo)).ToArray();
        var units = plan.Tenants.Select(tenant => new WorkUnit(
            tenant.Placement?.Server ?? TenantPlacement.DefaultServer, [tenant], (_, token) => WorkAsync(session, plan.Operation, tenant, work, token))).ToArray();
        return await RunAsync(session, plan.Operation, units, before, options, cancellationToken).ConfigureAwait(false);
    }

    private RunSession Open() => places is NpgsqlPlaces npgsql
        ? new NpgsqlRunSession((NpgsqlProvider)services.GetRequiredService<DatabaseProvider>(), npgsql, migrator, options.Value)
        : new FileRunSession(places, migrator);

    private async Task<TenantOperationResult> RunAsync(
        RunSession session, string operation, WorkUnit[] units, TenantOutcome[] before, TenantRunOptions options,
        CancellationToken cancellationToken)
    {
        // Nothing to do writes nothing, too.
        var journal = units.Length > 0 && !cancellationToken.IsCancellationRequested ? session.Journal : null;
        if (journal is not null)
        {
            var done = before.Where(outcome => outcome.Kind == TenantOutcomeKind.NothingToDo).Select(outcome => outcome.Tenant);
            await ExplainedAsync(
                Site.Shared,
                "Writing the journal",
                () => journal.BeginAsync(operation, units.SelectMany(unit => unit.Tenants), done, CancellationToken.None)).ConfigureAwait(false);
        }

        var loop = new OperationLoop(operation, options, logger, RecordAsync);
        var result = await loop.RunAsync(units, before, cancellationToken).ConfigureAwait(false);
        try
        {
            await (journal?.EndAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (System.Data.Common.DbException failure)
        {
            // What was done is done, and the result says so. The run stays open, which the next one notices.
            logger.JournalFailed(operation, failure);
        }

        logger.RunEnded(
            operation,
            result.Outcomes.Count(outcome => outcome.Kind is TenantOutcomeKind.Succeeded or TenantOutcomeKind.NothingToDo),
            result.Outcomes.Count,
            result.Of(TenantOutcomeKind.Failed).Count(),
            result.Outcomes.Count(outcome => outcome.Kind is TenantOutcomeKind.NotBegun or TenantOutcomeKind.Stopped));
        return result;

        // That a tenant is migrated, its own history says; that other work is done, the journal alone.
        Task RecordAsync(TenantOutcome outcome)
        {
            if (operation != Migrate)
            {
                return journal?.RecordAsync(outcome) ?? Task.CompletedTask;
            }

            journal?.RecordSoon(outcome);
            return Task.CompletedTask;
        }
    }

    private async Task<UnitResult> MigrateAsync(RunSession session, Slot slot, SiteState state, CancellationToken cancellationToken)
    {
        var applied = await ExplainedAsync(state.Site, "Migrating", () => session.MigrateAsync(slot, state, cancellationToken)).ConfigureAwait(false);
        foreach (var migration in applied)
        {
            logger.Applied(migration.Id, migration.Context, state.Site);
        }

        return applied.Count == 0 ? UnitResult.Nothing : new(TenantOutcomeKind.Succeeded, applied);
    }

    private async Task<UnitResult> WorkAsync(
        RunSession session, string operation, Tenant tenant, Func<Tenant, IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var site = new Site(tenant, placer.Place(tenant));
        var held = await ExplainedAsync(site, operation, () => session.LockAsync(site, operation, cancellationToken)).ConfigureAwait(false);
        await using var _ = held.ConfigureAwait(false);
        if (session.Journal is { } journal && await journal.IsDoneAsync(tenant.Id, CancellationToken.None).ConfigureAwait(false))
        {
            return UnitResult.Nothing;
        }

        using var entered = TenantScope.Enter(tenant);
        var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await using var __ = scope.ConfigureAwait(false);
        await work(tenant, scope.ServiceProvider, CancellationToken.None).ConfigureAwait(false);

        // Before the lock is given back: whoever gets it next asks whether it is done.
        await (session.Journal?.RecordAsync(new(tenant, TenantOutcomeKind.Succeeded)) ?? Task.CompletedTask).ConfigureAwait(false);
        return UnitResult.Done;
    }

    // Once for each database: this process's data sources learn the types that migrations made there.
    private async Task RefreshAsync(IReadOnlyList<SiteState> sites, TenantOperationResult result)
    {
        var applied = result.Outcomes.Where(outcome => outcome.Applied.Count > 0).Select(outcome => outcome.Tenant.Id).ToHashSet();
        foreach (var site in sites.Where(site => site.Tenants.Any(tenant => applied.Contains(tenant.Id))).DistinctBy(site => (site.Server, site.Site.Placement?.Database)))
        {
            await ExplainedAsync(site.Site, "Reading the types of its database", () => places.RefreshAsync(site.Site, CancellationToken.None)).ConfigureAwait(false);
        }
    }

    private Task<bool> ExplainedAsync(Site site, string doing, Func<Task> work) => ExplainedAsync(
        site,
        doing,
        async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        });

    private async Task<T> ExplainedAsync<T>(Site site, string doing, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (System.Data.Common.DbException failure)
        {
            throw places.Explain(site, doing, failure);
        }
    }
}
