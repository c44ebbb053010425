using System.Data.Common;
using System.Diagnostics;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Archiving;
using Freehold.Operations.Migrating;

namespace Freehold.Operations.Places;

/// <summary>Makes, locks and drops the places where tenants' data is: what differs between PostgreSQL and SQLite.</summary>
internal abstract class TenantPlaces(DatabaseProvider provider)
{
    protected DatabaseProvider Provider { get; } = provider;

    /// <summary>Two placements of the same identity are the same tables.</summary>
    public abstract PlaceIdentity Identify(ResolvedPlacement placement);

    /// <summary>Holds the place until disposed. Waits no longer than the options say.</summary>
    /// <exception cref="TenantOperationException">Another operation holds it; retryable.</exception>
    public abstract Task<IAsyncDisposable> LockAsync(Site site, CancellationToken cancellationToken);

    /// <summary>Lets one process at a time make spares.</summary>
    /// <exception cref="TenantOperationException">Another one does; retryable.</exception>
    public abstract Task<IAsyncDisposable> LockSparesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes what is missing of the place, without tables. What was a spare's place, which the tenant's record names by now, becomes the tenant's.
    /// </summary>
    /// <exception cref="TenantOperationException">What is there is not the tenant's.</exception>
    public abstract Task EnsureAsync(Site site, CancellationToken cancellationToken);

    /// <summary>A connection to migrate on. Its unqualified names mean the site's tables and nobody else's.</summary>
    /// <exception cref="TenantOperationException">The place is not there.</exception>
    public abstract Task<DbConnection> OpenAsync(Site site, CancellationToken cancellationToken);

    /// <summary>Waits until no session works in the place any more, and makes this connection the one that does.</summary>
    /// <exception cref="TenantOperationException">Another one works there, for as long as the options say; retryable.</exception>
    public virtual Task ClaimAsync(Site site, DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether a place in use says whose it is.</summary>
    public virtual bool HasMarks => true;

    /// <summary>The schema of the site's tables; null where the provider has none.</summary>
    public virtual string? SchemaOf(Site site) => null;

    /// <summary>Whether <see cref="BeginAsync"/> and <see cref="ProtectAsync"/> have anything to do.</summary>
    public virtual bool HasSessionOf(Site site) => false;

    /// <summary>Makes the connection ready for the migrations of a context: who they speak for.</summary>
    public virtual Task BeginAsync(Site site, DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Mends what tables lack to keep tenants apart, after the migrations of a context.</summary>
    /// <exception cref="TenantOperationException">What keeps them apart was changed by hand.</exception>
    public virtual Task ProtectAsync(Site site, DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Checks that the place may be dropped.</summary>
    /// <returns>False where there is nothing to drop.</returns>
    /// <exception cref="TenantOperationException">It is not the tenant's own.</exception>
    public abstract Task<bool> CanDropAsync(Site site, CancellationToken cancellationToken);

    /// <summary>Marks a place that is about to be dropped, so that what is left of it is nobody's, whoever gets the tenant's id. Rows among others' have no mark.</summary>
    /// <returns>What <see cref="RestoreAsync"/> needs; null where there is nothing to take back.</returns>
    public abstract Task<string?> CondemnAsync(Site site, CancellationToken cancellationToken);

    /// <summary>Takes <see cref="CondemnAsync"/> back.</summary>
    public abstract Task RestoreAsync(Site site, string mark);

    /// <summary>Writes what the tenant has there into an archive, as one snapshot shows it.</summary>
    public abstract Task<PlaceArchive> ArchiveAsync(Site site, ArchiveFile file, MigrationScripts scripts, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Closes what this process keeps open to the place, and drops it; where others have their rows, the tenant's.</summary>
    /// <param name="site">Whose.</param>
    /// <param name="archive">What was archived of it; null where nothing was.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where the archive lacks what was written since: nothing was dropped.</returns>
    public abstract Task<bool> DropAsync(Site site, PlaceArchive? archive, CancellationToken cancellationToken);

    /// <summary>Whether a drop that failed like this left everything, if the place is still there: a server took its transaction back and said so.</summary>
    public virtual bool DroppedNothing(Exception failure) => false;

    /// <summary>Tells this process's own connections what migrations changed for them.</summary>
    public virtual Task RefreshAsync(Site site, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Makes an error of the database into a sentence with a remedy.</summary>
    public abstract TenantOperationException Explain(Site site, string doing, Exception failure);

    /// <summary>Tries until it succeeds or the time is over. Asking again and again, because who waits inside the database can be waited for.</summary>
    public static async Task<T> PollAsync<T>(Site site, TimeSpan timeout, Func<Task<T?>> attempt, CancellationToken cancellationToken) where T : class
    {
        var started = Stopwatch.GetTimestamp();
        for (var pause = 10; ; pause = Math.Min(pause * 2, 250))
        {
            if (await attempt().ConfigureAwait(false) is { } success)
            {
                return success;
            }

            var left = timeout - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                throw site.Refused(
                    $"another operation held it for all of {timeout} (TenantOperationsOptions.LockTimeout). Nothing was done; try again when that one has ended.",
                    isRetryable: true);
            }

            var next = TimeSpan.FromMilliseconds(pause);
            await Task.Delay(next < left ? next : left, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Where a place really is, whatever the names that lead there.</summary>
/// <param name="Database">The server and database, or the file.</param>
/// <param name="Schema">The schema; null where the whole database is the tenant's.</param>
/// <param name="IsByRow">Whether others who are isolated by row may be there, too.</param>
internal sealed record PlaceIdentity(string Database, string? Schema, bool IsByRow = false)
{
    /// <summary>True where dropping one would drop something of the other.</summary>
    public bool Overlaps(PlaceIdentity other) =>
        !(IsByRow && other.IsByRow) && Database.Equals(other.Database, StringComparison.Ordinal) && (Schema is null || other.Schema is null || Schema == other.Schema);
}
