using Freehold.Operations.Migrating;
using Freehold.Operations.Places;

namespace Freehold.Operations.Running;

/// <summary>What a run keeps open: locks, connections, the journal.</summary>
internal abstract class RunSession : IAsyncDisposable
{
    /// <summary>Holds the lock of an operation on a tenant, until disposed.</summary>
    public abstract Task<IAsyncDisposable> LockAsync(Site site, string operation, CancellationToken cancellationToken);

    /// <summary>Holds the lock of a place, until disposed.</summary>
    public abstract Task<IAsyncDisposable> LockAsync(Site site, CancellationToken cancellationToken);

    /// <summary>Whether a transaction in a place can hold the place's lock.</summary>
    public virtual bool CanLockWithin(Site site) => false;

    /// <summary>Migrates a place in one transaction.</summary>
    /// <param name="slot">Where the session is kept.</param>
    /// <param name="state">The place.</param>
    /// <param name="way">How far.</param>
    /// <param name="isLocked">Whether the caller holds the place's lock. If not, the transaction does, which needs <see cref="CanLockWithin"/>.</param>
    /// <param name="cancellationToken">Ends it before it begins.</param>
    /// <returns>False where that cannot be, or did not succeed, and nothing was done: <see cref="MigrateAsync"/> is the way.</returns>
    public virtual Task<bool> TryMigrateAtOnceAsync(Slot slot, SiteState state, MigrationWay way, bool isLocked, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Makes and migrates a place, whose lock the caller holds, in one transaction.</summary>
    /// <returns>False where that cannot be, or did not succeed, and nothing was done.</returns>
    public virtual Task<bool> TryMakeAtOnceAsync(Slot slot, Site site, MigrationWay way, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Migrates a place, whose lock the caller holds, step by step.</summary>
    public abstract Task MigrateAsync(Slot slot, SiteState state, MigrationWay way, CancellationToken cancellationToken);

    /// <summary>Marks what is pending as applied in a place, whose lock the caller holds.</summary>
    public abstract Task MarkAsync(Slot slot, SiteState state, CancellationToken cancellationToken);

    /// <summary>The journal of runs; null where there is none to keep.</summary>
    public virtual RunJournal? Journal => null;

    public abstract ValueTask DisposeAsync();
}

/// <summary>SQLite: a file per tenant, with locks on files, and no place that all tenants share for a journal.</summary>
internal sealed class FileRunSession(TenantPlaces places, SiteMigrator migrator) : RunSession
{
    public override ValueTask DisposeAsync() => default;

    public override Task<IAsyncDisposable> LockAsync(Site site, string operation, CancellationToken cancellationToken) => places.LockAsync(site, cancellationToken);

    public override Task<IAsyncDisposable> LockAsync(Site site, CancellationToken cancellationToken) => places.LockAsync(site, cancellationToken);

    public override async Task MigrateAsync(Slot slot, SiteState state, MigrationWay way, CancellationToken cancellationToken)
    {
        var connection = await places.OpenAsync(state.Site, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await migrator.MigrateAsync(state.Site, connection, way, new Stopping(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
    }

    public override async Task MarkAsync(Slot slot, SiteState state, CancellationToken cancellationToken)
    {
        var connection = await places.OpenAsync(state.Site, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        await migrator.MarkAsync(state, connection, new Stopping(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
    }
}
