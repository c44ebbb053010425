using System.Data.Common;

namespace Freehold.Operations.Archiving;

/// <summary>What was written of a place, and what tells at its drop that it was changed since.</summary>
internal abstract class PlaceArchive(ArchiveManifest manifest) : IAsyncDisposable
{
    public ArchiveManifest Manifest => manifest;

    public abstract ValueTask DisposeAsync();
}

internal sealed class NpgsqlPlaceArchive(ArchiveManifest manifest, NpgsqlContent content) : PlaceArchive(manifest)
{
    public NpgsqlContent Content => content;

    public override ValueTask DisposeAsync() => default;
}

internal sealed class SqlitePlaceArchive(ArchiveManifest manifest, DbConnection connection, SqliteArchiver archiver) : PlaceArchive(manifest)
{
    public Task<bool> IsSameAsync(CancellationToken cancellationToken) => archiver.IsSameAsync(cancellationToken);

    public override ValueTask DisposeAsync() => connection.DisposeAsync();
}
