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

    /// <summary>Migrates a place, whose lock the caller holds.</summary>
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
