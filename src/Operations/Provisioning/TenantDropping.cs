using System.Data.Common;
using Freehold.Operations.Archiving;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Provisioning;

/// <summary>Takes a tenant out of service, archives it where that is asked for, and drops it, under its lock.</summary>
internal sealed class TenantDropping(TenantSites sites, TenantPlaces places, MigrationScripts scripts, TimeProvider time, ILogger<TenantDropping> logger)
{
    public async Task<TenantDropResult> DropAsync(Site site, TenantDropOptions options, CancellationToken cancellationToken)
    {
        if (await sites.NeighbourAsync(site, cancellationToken).ConfigureAwait(false) is { } neighbour)
        {
            throw site.Refused($"its data is in the same place as that of tenant '{neighbour}', so it was not dropped. Correct the placement of one of them.");
        }

        var isThere = await places.CanDropAsync(site, cancellationToken).ConfigureAwait(false);
        using var file = isThere && options.ArchivePath is { } path ? ArchiveFile.Begin(site, path) : null;
        var recorded = await sites.FindAsync(site.Tenant!, cancellationToken).ConfigureAwait(false);
        if (recorded is not null)
        {
            // Before the archive: what would not be in it must not be written any more.
            await sites.RecordAsync(recorded.Id, now => now with { State = TenantState.Deleted, Failure = null }, cancellationToken).ConfigureAwait(false);
        }

        var mark = isThere ? await places.CondemnAsync(site, cancellationToken).ConfigureAwait(false) : null;
        TenantArchive? archive = null;
        if (isThere && file is null)
        {
            await places.DropAsync(site, null, cancellationToken).ConfigureAwait(false);
        }
        else if (file is not null)
        {
            archive = await ArchiveAndDropAsync(site, file, (recorded, mark), cancellationToken).ConfigureAwait(false);
        }

        if (isThere)
        {
            logger.Dropped(site.Tenant!.Id);
        }

        if (site.IsSpare)
        {
            // Nobody has ever heard of its id.
            await sites.RemoveAsync(site.Tenant!.Id, cancellationToken).ConfigureAwait(false);
        }

        return new(isThere, archive);
    }

    private async Task<TenantArchive> ArchiveAndDropAsync(
        Site site, ArchiveFile file, (Tenant? Record, string? Mark) before, CancellationToken cancellationToken)
    {
        var (place, archive) = await ArchiveAsync(site, file, before, cancellationToken).ConfigureAwait(false);
        await using var _ = place.ConfigureAwait(false);
        var isDropped = false;
        try
        {
            isDropped = await places.DropAsync(site, place, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (places.DroppedNothing(failure))
        {
            // Made in vain, and in the way of repeating the call. Where it is not sure that all is there still, it stays.
            if (await IsThereAsync(site).ConfigureAwait(false))
            {
                File.Delete(archive.Path);
            }

            throw;
        }

        if (!isDropped)
        {
            File.Delete(archive.Path);
            throw site.Refused(
                "somebody wrote its data while it was archived, so nothing was dropped and the archive was removed. It is out of service now; repeat the call when work that had begun has ended.",
                isRetryable: true);
        }

        logger.Archived(site.Tenant!.Id, archive.Path, archive.Tables, archive.Rows);
        return archive;
    }

    private async Task<bool> IsThereAsync(Site site)
    {
        try
        {
            await using ((await places.OpenAsync(site, CancellationToken.None).ConfigureAwait(false)).ConfigureAwait(false))
            {
                return true;
            }
        }
        catch (Exception failure) when (failure is DbException or TenantOperationException)
        {
            return false;
        }
    }

    private async Task<(PlaceArchive Place, TenantArchive Archive)> ArchiveAsync(
        Site site, ArchiveFile file, (Tenant? Record, string? Mark) before, CancellationToken cancellationToken)
    {
        PlaceArchive? place = null;
        try
        {
            place = await places.ArchiveAsync(site, file, scripts, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return (place, await file.CompleteAsync(place.Manifest, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            if (place is not null)
            {
                await place.DisposeAsync().ConfigureAwait(false);
            }

            if (before.Mark is { } mark)
            {
                await places.RestoreAsync(site, mark).ConfigureAwait(false);
            }

            if (before.Record is { } recorded)
            {
                await sites.RecordAsync(
                    recorded.Id,
                    now => now.State == TenantState.Deleted ? now with { State = recorded.State, Failure = recorded.Failure } : now,
                    CancellationToken.None).ConfigureAwait(false);
            }

            throw;
        }
    }
}
