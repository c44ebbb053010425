using Freehold.Operations.Migrating;
using Freehold.Operations.Places;

namespace Freehold.Operations.Running;

/// <summary>What a run keeps open: locks, connections, the journal.</summary>
internal abstract class RunSession : IAsyncDisposable
{
    /// <summary>Holds the lock of an operation on a tenant, until disposed.</summary>
    public abstract Task<IAsyncDisposable> LockAsync(Site site, string operation, CancellationToken cancellationToken);

    /// <summary>Migrates a place, under its lock.</summary>
    public abstract Task<IReadOnlyList<TenantMigration>> MigrateAsync(Slot slot, SiteState state, CancellationToken cancellationToken);

    /// <summary>The journal of runs; null where there is none to keep.</summary>
    public virtual RunJournal? Journal => null;

    public abstract ValueTask DisposeAsync();
}

/// <summary>SQLite: a file per tenant, with locks on files, and no place that all tenants share for a journal.</summary>
internal sealed class FileRunSession(TenantPlaces places, SiteMigrator migrator) : RunSession
{
    public override ValueTask DisposeAsync() => default;

    public override Task<IAsyncDisposable> LockAsync(Site site, string operation, CancellationToken cancellationToken) => places.LockAsync(site, cancellationToken);

    public override async Task<IReadOnlyList<TenantMigration>> MigrateAsync(Slot slot, SiteState state, CancellationToken cancellationToken)
    {
        var site = state.Site;
        var held = await places.LockAsync(site, cancellationToken).ConfigureAwait(false);
        await using var _ = held.ConfigureAwait(false);
        var connection = await places.OpenAsync(site, cancellationToken).ConfigureAwait(false);
        await using var __ = connection.ConfigureAwait(false);
        return await migrator.MigrateAsync(site, connection, new Stopping(cancellationToken, CancellationToken.None)).ConfigureAwait(false);
    }
}
