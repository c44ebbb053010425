using Freehold.Core.Placement;
using Freehold.Operations.Places;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Operations.Running;

/// <summary>Plans and runs.</summary>
internal sealed class TenantOperations(
    IServiceProvider services, ITenantStore store, TenantPlacer placer, TenantPlaces places, ITenantProvisioner provisioner, RunSessions sessions, OperationRunner runner,
    MigrationPlanner planner, MigrationRunner migrations) : ITenantOperations
{
    private const int MaxName = 200;

    public async Task<TenantMigrationPlan> PlanMigrationAsync(
        TenantSelection? tenants = null, TenantMigrationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var chosen = await (tenants ?? TenantSelection.All).FindAsync(store, cancellationToken, withSpares: true).ConfigureAwait(false);
        return await planner.PlanAsync(chosen, options ?? new(), cancellationToken).ConfigureAwait(false);
    }

    public async Task<TenantOperationResult> MigrateAsync(TenantMigrationPlan plan, TenantRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        options ??= new();
        migrations.Check(plan, options);
        if (plan.SharedState is { Error: not null } or { Pending.Count: > 0 } && !cancellationToken.IsCancellationRequested)
        {
            await provisioner.MigrateSharedAsync(CancellationToken.None).ConfigureAwait(false);
        }

        var session = sessions.Open();
        await using var _ = session.ConfigureAwait(false);
        return await migrations.MigrateAsync(session, plan, options, cancellationToken).ConfigureAwait(false);
    }

    public async Task<TenantOperationResult> MarkAppliedAsync(TenantMigrationPlan plan, TenantRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        options ??= new();
        migrations.Check(plan, options);
        var session = sessions.Open();
        await using var _ = session.ConfigureAwait(false);
        return await migrations.MarkAsync(session, plan, options, cancellationToken).ConfigureAwait(false);
    }

    public async Task<TenantOperationPlan> PlanAsync(string operation, TenantSelection? tenants = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(operation);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(operation.Length, MaxName);
        if (operation is MigrationRunner.Migrate or MigrationRunner.Mark)
        {
            throw new ArgumentException($"'{operation}' is the name of migrations (PlanMigrationAsync). Choose another.", nameof(operation));
        }

        var chosen = await (tenants ?? TenantSelection.All).FindAsync(store, cancellationToken).ConfigureAwait(false);
        var session = sessions.Open();
        await using var _ = session.ConfigureAwait(false);
        var done = session.Journal is { } journal
            ? await places.ExplainedAsync(Site.Shared, "Reading the journal", () => journal.DoneAsync(operation, cancellationToken)).ConfigureAwait(false)
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
        var session = sessions.Open();
        await using var _ = session.ConfigureAwait(false);
        var before = plan.Done.Select(tenant => new TenantOutcome(tenant, TenantOutcomeKind.NothingToDo)).ToArray();
        var units = plan.Tenants.Select(tenant => new WorkUnit(
            tenant.Placement?.Server ?? TenantPlacement.DefaultServer, [tenant], (_, token) => WorkAsync(session, plan.Operation, tenant, work, token))).ToArray();
        return await runner.RunAsync(session, plan.Operation, units, before, options, isRecordedThere: false, cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> AbandonAsync(string operation, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(operation);
        var session = sessions.Open();
        await using var _ = session.ConfigureAwait(false);
        return session.Journal is { } journal
            && await places.ExplainedAsync(Site.Shared, "Writing the journal", () => journal.AbandonAsync(operation, cancellationToken)).ConfigureAwait(false);
    }

    private async Task<UnitResult> WorkAsync(
        RunSession session, string operation, Tenant tenant, Func<Tenant, IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var site = new Site(tenant, placer.Place(tenant));
        var held = await places.ExplainedAsync(site, operation, () => session.LockAsync(site, operation, cancellationToken)).ConfigureAwait(false);
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
}
