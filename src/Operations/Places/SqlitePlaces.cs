using System.Data.Common;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Archiving;
using Freehold.Operations.Migrating;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Places;

/// <summary>A file per tenant. The lock is a lock on a file of its own, which the operating system gives back when a process dies.</summary>
internal sealed class SqlitePlaces(SqliteProvider provider, IOptions<TenantOperationsOptions> options) : TenantPlaces(provider)
{
    private const string LockFolder = ".locks";

    // Ends the name of an empty file beside one that a drop has not come to the end of.
    private const string Dropped = "-dropped";

    private static readonly string[] Companions = ["-wal", "-shm", "-journal"];

    public override bool HasMarks => false;

    // Files that differ in case are one file on some systems; treating them as one everywhere refuses too much rather than too little.
    public override PlaceIdentity Identify(ResolvedPlacement placement) => new(provider.FileOf(placement).ToLowerInvariant(), Schema: null);

    public override Task<IAsyncDisposable> LockAsync(Site site, CancellationToken cancellationToken) =>
        LockAsync(site, Path.GetFileName(provider.FileOf(site.Placement)).ToLowerInvariant(), cancellationToken);

    // No tenant's file can have that name.
    public override Task<IAsyncDisposable> LockSparesAsync(CancellationToken cancellationToken) => LockAsync(Site.Shared, ".spares", cancellationToken);

    public override async Task EnsureAsync(Site site, CancellationToken cancellationToken)
    {
        var file = provider.FileOf(site.Placement);
        if (!File.Exists(file))
        {
            // A journal that outlived its file would be replayed into the new one.
            DeleteCompanions(file);
            File.Delete(file + Dropped);
        }
        else if (File.Exists(file + Dropped))
        {
            throw site.Refused(
                $"the file '{site.Placement!.Database}' is what a drop of an earlier tenant left behind, so it was left alone. Drop the rest first (ITenantProvisioner.DropAsync with that id and this "
                + $"placement); or, if the data is to be this tenant's, delete '{site.Placement.Database}{Dropped}'.");
        }

        var connection = Provider.CreateAdministrative(site.Placement, maintenance: false);
        await using var _ = connection.ConfigureAwait(false);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, "PRAGMA journal_mode = 'wal'", cancellationToken).ConfigureAwait(false);
    }

    public override async Task<DbConnection> OpenAsync(Site site, CancellationToken cancellationToken)
    {
        if (!File.Exists(provider.FileOf(site.Placement)))
        {
            throw site.Refused($"its file '{site.Placement?.Database}' does not exist. Provision it (ITenantProvisioner) first.");
        }

        return await Task.FromResult(Provider.CreateAdministrative(site.Placement, maintenance: false)).ConfigureAwait(false);
    }

    public override Task<bool> CanDropAsync(Site site, CancellationToken cancellationToken)
    {
        var file = provider.FileOf(site.Placement);
        return Task.FromResult(File.Exists(file) || Companions.Any(companion => File.Exists(file + companion)));
    }

    public override async Task<string?> CondemnAsync(Site site, CancellationToken cancellationToken)
    {
        var mark = provider.FileOf(site.Placement) + Dropped;
        if (File.Exists(mark))
        {
            return null;
        }

        await File.WriteAllBytesAsync(mark, [], cancellationToken).ConfigureAwait(false);
        return mark;
    }

    public override Task RestoreAsync(Site site, string mark)
    {
        File.Delete(mark);
        return Task.CompletedTask;
    }

    public override async Task<PlaceArchive> ArchiveAsync(
        Site site, ArchiveFile file, MigrationScripts scripts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(site, cancellationToken).ConfigureAwait(false);
        try
        {
            var contexts = scripts.Of(site, connection);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var archiver = new SqliteArchiver(connection, site);
            return new SqlitePlaceArchive(await archiver.WriteAsync(file, contexts, now, cancellationToken).ConfigureAwait(false), connection, archiver);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override async Task<bool> DropAsync(Site site, PlaceArchive? archive, CancellationToken cancellationToken)
    {
        var file = provider.FileOf(site.Placement);
        Provider.Forget(site.Placement!);
        if (archive is SqlitePlaceArchive archived)
        {
            if (!await archived.IsSameAsync(cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            await archived.DisposeAsync().ConfigureAwait(false);
        }

        DeleteCompanions(file);
        File.Delete(file);
        File.Delete(file + Dropped);
        return true;
    }

    public override TenantOperationException Explain(Site site, string doing, Exception failure) => failure switch
    {
        SqliteException { SqliteErrorCode: 26 } => site.Refused(
            $"{doing} failed: the file '{site.Placement?.Database}' is there and is no SQLite database. Move it away.", inner: failure),
        SqliteException { SqliteErrorCode: 5 or 6 } => site.Refused(
            $"{doing} failed: its file is in use. Try again.", isRetryable: true, failure),
        SqliteException { SqliteErrorCode: 8 or 14 } or UnauthorizedAccessException => site.Refused(
            $"{doing} failed: its file cannot be written. Let the process write in the directory of UseSqlite.", inner: failure),
        IOException => site.Refused($"{doing} failed: {failure.Message} Repeat the call when that is mended.", isRetryable: true, failure),
        _ => site.Refused($"{doing} failed: {failure.Message} Mend that and repeat the call; it continues where it stopped.", inner: failure),
    };

    /// <summary>Under the site's own lock nobody else migrates: a row that EF finds in its lock table is of a process that died.</summary>
    internal static async Task ClearStaleLockAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var found = connection.CreateCommand();
            await using var _ = found.ConfigureAwait(false);
            found.CommandText = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsLock'";
            if (await found.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is 1L)
            {
                await ExecuteAsync(connection, "DELETE FROM \"__EFMigrationsLock\"", cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await connection.CloseAsync().ConfigureAwait(false);
        }
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void DeleteCompanions(string file)
    {
        foreach (var companion in Companions)
        {
            File.Delete(file + companion);
        }
    }

    private Task<IAsyncDisposable> LockAsync(Site site, string name, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(provider.Directory, LockFolder);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name);
        return PollAsync(site, options.Value.LockTimeout, () => Task.FromResult<IAsyncDisposable?>(TryLock(path)), cancellationToken);
    }

    // The file stays: deleting it would let two processes lock two files of the same name.
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException failure) when (failure is not (DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }
}
