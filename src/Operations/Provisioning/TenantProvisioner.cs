using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Freehold.Operations.Seeding;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Provisioning;

/// <summary>The order of things: lock, look, record, do, record.</summary>
internal sealed class TenantProvisioner(
    TenantSites sites, TenantPlaces places, SiteMigrator migrator, SeedRunner seeds, TenantDropping dropping, ILogger<TenantProvisioner> logger) : ITenantProvisioner
{
    // What the record of a spare says while it is made, and when that was interrupted.
    private const string NotReady = "Provisioning: it is being made, or that was interrupted.";

    public bool HasSharedTables => migrator.HasSharedContexts;

    public async Task<Tenant> ProvisionAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        return (await MakeAsync(tenant, cancellationToken).ConfigureAwait(false)).Tenant;
    }

    /// <summary>Provisions, also a spare, and says whether it was this call that made the tenant ready.</summary>
    public async Task<(Tenant Tenant, bool IsNew)> MakeAsync(Tenant tenant, CancellationToken cancellationToken) =>
        await MakeAsync(tenant, await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false), null, new(cancellationToken, cancellationToken)).ConfigureAwait(false);

    /// <summary>The same in a place that is known, and in a run of many, if it is one.</summary>
    public Task<(Tenant Tenant, bool IsNew)> MakeAsync(Tenant tenant, Site site, ProvisioningTurn? turn, Stopping stopping) => ExplainedAsync(
        site,
        "Provisioning",
        async () =>
        {
            var held = await (turn?.LockAsync(site, stopping.Stop) ?? places.LockAsync(site, stopping.Stop)).ConfigureAwait(false);
            await using var _ = held.ConfigureAwait(false);
            stopping.Stop.ThrowIfCancellationRequested();
            return await MakeLockedAsync(tenant, site, turn, stopping).ConfigureAwait(false);
        });

    public async Task<TenantMigrationResult> MigrateAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        return await LockedAsync(site, "Migrating", () => MigrateAsync(site, new Stopping(cancellationToken, cancellationToken)), cancellationToken).ConfigureAwait(false);
    }

    public Task<TenantMigrationResult> MigrateSharedAsync(CancellationToken cancellationToken = default) =>
        LockedAsync(
            Site.Shared,
            "Migrating",
            async () =>
            {
                await places.EnsureAsync(Site.Shared, cancellationToken).ConfigureAwait(false);
                return await MigrateAsync(Site.Shared, new Stopping(cancellationToken, cancellationToken)).ConfigureAwait(false);
            },
            cancellationToken);

    public async Task<IReadOnlyList<TenantMigration>> GetPendingAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        return await ExplainedAsync(site, "Looking for migrations", () => migrator.PendingAsync(site, cancellationToken)).ConfigureAwait(false);
    }

    public Task<Tenant> SuspendAsync(TenantId id, CancellationToken cancellationToken = default) => TurnAsync(id, TenantState.Suspended, cancellationToken);

    public Task<Tenant> ResumeAsync(TenantId id, CancellationToken cancellationToken = default) => TurnAsync(id, TenantState.Active, cancellationToken);

    public async Task<TenantDropResult> DropAsync(Tenant tenant, TenantDropOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        var site = await sites.OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        return await LockedAsync(site, "Dropping", () => dropping.DropAsync(site, options ?? new(), cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<(Tenant Tenant, bool IsNew)> MakeLockedAsync(Tenant given, Site site, ProvisioningTurn? turn, Stopping stopping)
    {
        var recorded = await RecordedAsync(given, site, turn, stopping.Abort).ConfigureAwait(false);
        var isMade = false;
        var isUnknown = recorded is null;
        if (recorded is null)
        {
            var begun = given.State == TenantState.Spare ? given with { Failure = NotReady } : given with { State = TenantState.Provisioning, Failure = null };
            recorded = await sites.AddAsync(begun with { Placement = site.Tenant!.Placement }, stopping.Abort).ConfigureAwait(false);
        }
        else if (recorded.State == TenantState.Failed)
        {
            // Who was provisioned once is somebody's, and must not look like one whose sign-up can be repeated.
            recorded = await sites.RecordAsync(
                given.Id,
                now => now.State != TenantState.Failed ? now
                    : now with { State = FailureText.IsOfMigrating(now) ? TenantState.Migrating : TenantState.Provisioning, Failure = null },
                stopping.Abort).ConfigureAwait(false);
        }

        site = sites.Of(recorded);
        var isUnfinished = recorded.State is not (TenantState.Active or TenantState.Suspended);
        var steps = new (string Name, Func<Task> Do)[]
        {
            ("shared tables", () => HasSharedTables && turn is null ? MigrateSharedAsync(stopping.Abort) : Task.CompletedTask),
            ("place", async () =>
            {
                isMade = turn is not null && isUnknown && await turn.TryMakeAsync(site, migration => logger.Applied(migration.Id, migration.Context, site), stopping.Stop).ConfigureAwait(false);
                await (isMade ? Task.CompletedTask : places.EnsureAsync(site, stopping.Abort)).ConfigureAwait(false);
            }),
            ("migrations", () => isMade ? Task.CompletedTask : MigrateAsync(site, stopping)),
            ("seeds", () => site.IsSpare ? Task.CompletedTask : seeds.ApplyAsync(site, stopping)),
        };
        foreach (var (name, work) in steps)
        {
            try
            {
                await ExplainedAsync(site, "Provisioning", work).ConfigureAwait(false);
            }
            catch (Exception failure) when (isUnfinished && !(failure is OperationCanceledException && stopping.Stop.IsCancellationRequested))
            {
                await RecordFailureAsync(site, name, failure).ConfigureAwait(false);
                throw;
            }
        }

        return isUnfinished ? (await ReadyAsync(given, stopping.Abort).ConfigureAwait(false), true) : (recorded, false);
    }

    // The record as it is under the lock; null where there is none.
    private async Task<Tenant?> RecordedAsync(Tenant given, Site site, ProvisioningTurn? turn, CancellationToken cancellationToken)
    {
        var recorded = await sites.FindAsync(given, cancellationToken).ConfigureAwait(false);
        if (recorded is { State: TenantState.Deleted })
        {
            throw new TenantConflictException(given.Id, "one of that id was deleted and is remembered; ITenantRegistry.RemoveAsync would free the id");
        }

        if (recorded is { State: TenantState.Spare } && given.State != TenantState.Spare)
        {
            throw site.Refused("it is a spare and nobody's yet. Let a tenant claim it (ITenantSpares.ClaimAsync), or choose another id.");
        }

        if (recorded is not null && sites.Of(recorded).Placement != site.Placement)
        {
            throw site.Refused("somebody else added it meanwhile, in another place. Repeat the call.", isRetryable: true);
        }

        // What a run knew at its beginning is enough where the place itself says whose it is.
        return (turn?.Neighbour(site, places) ?? (turn is null || !places.HasMarks ? await sites.NeighbourAsync(site, cancellationToken).ConfigureAwait(false) : null)) is { } neighbour
            ? throw new TenantConflictException(given.Id, $"its data would be in the place of tenant '{neighbour}'")
            : recorded;
    }

    // The last step, and the only one that lets anybody in.
    private async Task<Tenant> ReadyAsync(Tenant given, CancellationToken cancellationToken)
    {
        var state = given.State == TenantState.Suspended ? TenantState.Suspended : TenantState.Active;
        var ready = await sites.RecordAsync(
            given.Id,
            now => now.State switch
            {
                TenantState.Spare => now with { Failure = null },
                TenantState.Provisioning or TenantState.Migrating or TenantState.Failed => now with { State = state, Failure = null },
                _ => now,
            },
            cancellationToken).ConfigureAwait(false);
        logger.Provisioned(given.Id);
        return ready;
    }

    private async Task RecordFailureAsync(Site site, string step, Exception failure)
    {
        var text = FailureText.OfProvisioning(step, failure);
        try
        {
            await sites.RecordAsync(
                site.Tenant!.Id,
                now => now.State switch
                {
                    TenantState.Spare => now with { Failure = text },
                    TenantState.Migrating => now with { State = TenantState.Failed, Failure = FailureText.OfMigrating(failure) },
                    TenantState.Provisioning or TenantState.Failed => now with { State = TenantState.Failed, Failure = text },
                    _ => now,
                },
                CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It stays Provisioning, which repeating the call repairs as well; what the caller must hear of is the first failure.
        catch (Exception unrecorded)
#pragma warning restore CA1031
        {
            logger.FailureNotRecorded(site.Tenant!.Id, unrecorded);
        }
    }

    private async Task<Tenant> TurnAsync(TenantId id, TenantState state, CancellationToken cancellationToken)
    {
        var turned = false;
        var tenant = await sites.RecordAsync(
            id,
            now =>
            {
                var next = TenantTransitions.To(now, state);
                turned = next != now;
                return next;
            },
            cancellationToken).ConfigureAwait(false);
        if (turned)
        {
            logger.Turned(id, state);
        }

        return tenant;
    }

    private async Task<TenantMigrationResult> MigrateAsync(Site site, Stopping stopping)
    {
        var applied = await migrator.MigrateAsync(site, stopping).ConfigureAwait(false);
        foreach (var migration in applied)
        {
            logger.Applied(migration.Id, migration.Context, site);
        }

        return new(applied);
    }

    private Task<T> LockedAsync<T>(Site site, string doing, Func<Task<T>> work, CancellationToken cancellationToken) =>
        ExplainedAsync(
            site,
            doing,
            async () =>
            {
                var held = await places.LockAsync(site, cancellationToken).ConfigureAwait(false);
                await using var _ = held.ConfigureAwait(false);
                return await work().ConfigureAwait(false);
            });

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
        catch (Exception failure) when (failure is not (OperationCanceledException or TenantOperationException or TenantException
            or TenantConflictException or MultiTenancyConfigurationException))
        {
            throw places.Explain(site, doing, failure);
        }
    }
}
