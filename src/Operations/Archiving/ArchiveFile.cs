using System.IO.Compression;
using System.Security.Cryptography;
using Freehold.Operations.Places;

namespace Freehold.Operations.Archiving;

/// <summary>
/// A zip file in the making, under a temporary name until all of it is written and was read back. Nobody but the process's user can read it. What is not completed is removed.
/// </summary>
internal sealed class ArchiveFile : IDisposable
{
    private const int BufferSize = 81_920;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Site _site;
    private readonly FileStream _stream;
    private readonly ZipArchive _zip;
    private ArchiveManifest? _manifest;

    private ArchiveFile(Site site, string path)
    {
        _site = site;
        Path = path;
        Temporary = Unused(path, "part");
        _stream = Create(Temporary);
        _zip = new ZipArchive(_stream, ZipArchiveMode.Create, leaveOpen: true);
    }

    public string Path { get; }

    private string Temporary { get; }

    /// <summary>Begins one.</summary>
    /// <exception cref="TenantOperationException">There is such a file, or it cannot be written.</exception>
    public static ArchiveFile Begin(Site site, string path)
    {
        try
        {
            var full = System.IO.Path.GetFullPath(path);
            return !System.IO.Path.Exists(full) ? new ArchiveFile(site, full) : throw Exists(site, full);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw site.Refused($"the archive '{path}' cannot be written ({failure.Message}), so nothing was dropped. Give an ArchivePath in a folder that exists and can be written.", inner: failure);
        }
    }

    /// <summary>The name of a temporary file beside the archive: nobody else's, also where another drop is given the same path.</summary>
    public static string Unused(string path, string kind) => $"{path}.{Guid.NewGuid():N}.{kind}";

    /// <summary>A file that only the process's user can read.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    /// <summary>Adds a file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">What it holds, to its end.</param>
    /// <param name="hasLines">Whether its lines count.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ArchivedFile> AddAsync(string name, Stream content, bool hasLines, CancellationToken cancellationToken)
    {
        var entry = await _zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = entry.ConfigureAwait(false);
        return await MeasureAsync(name, content, hasLines, entry, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the manifest, reads all of it back, and gives the file its name.</summary>
    /// <exception cref="TenantOperationException">What is read is not what was written.</exception>
    public async Task<TenantArchive> CompleteAsync(ArchiveManifest manifest, CancellationToken cancellationToken)
    {
        _manifest = manifest;
        var entry = await _zip.CreateEntry(ArchiveManifest.FileName).OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (entry.ConfigureAwait(false))
        {
            await entry.WriteAsync(manifest.Write(), cancellationToken).ConfigureAwait(false);
        }

        await _zip.DisposeAsync().ConfigureAwait(false);
        _stream.Flush(flushToDisk: true);
        await VerifyAsync(cancellationToken).ConfigureAwait(false);
        var bytes = _stream.Length;
        await _stream.DisposeAsync().ConfigureAwait(false);
        try
        {
            File.Move(Temporary, Path, overwrite: false);
        }
        catch (IOException) when (System.IO.Path.Exists(Path))
        {
            throw Exists(_site, Path);
        }

        return new(Path, manifest.Tables.Count, manifest.Tables.Sum(table => table.Rows), bytes);
    }

    public void Dispose()
    {
        _zip.Dispose();
        _stream.Dispose();
        File.Delete(Temporary);
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        var written = File.OpenRead(Temporary);
        await using var _ = written.ConfigureAwait(false);
        using var zip = new ZipArchive(written, ZipArchiveMode.Read);
        var manifest = await ManifestAsync(zip, cancellationToken).ConfigureAwait(false);
        if (manifest is null || !manifest.Write().AsSpan().SequenceEqual(_manifest!.Write()))
        {
            throw Broken(ArchiveManifest.FileName);
        }

        foreach (var file in manifest.Files)
        {
            var content = await (zip.GetEntry(file.Name) ?? throw Broken(file.Name)).OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = content.ConfigureAwait(false);
            if (await MeasureAsync(file.Name, content, file.Lines is not null, Stream.Null, cancellationToken).ConfigureAwait(false) != file)
            {
                throw Broken(file.Name);
            }
        }

        if (manifest.Tables.FirstOrDefault(table => table.Data?.Lines is { } lines && lines != table.Rows) is { } table)
        {
            throw Broken(table.Data!.Name);
        }
    }

    private static async Task<ArchiveManifest?> ManifestAsync(ZipArchive zip, CancellationToken cancellationToken)
    {
        if (zip.GetEntry(ArchiveManifest.FileName) is not { } entry)
        {
            return null;
        }

        var content = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = content.ConfigureAwait(false);
        return ArchiveManifest.Read(content);
    }

    private static TenantOperationException Exists(Site site, string path) =>
        site.Refused($"the archive '{path}' exists already, so nothing was dropped. Give another ArchivePath, or move that file away.");

    private TenantOperationException Broken(string name) => _site.Refused(
        $"the archive was read back, and its '{name}' is not what was written, so nothing was dropped. Look at the disk under '{Path}', and repeat the call.");

    private static async Task<ArchivedFile> MeasureAsync(string name, Stream content, bool hasLines, Stream copy, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, bytes, lines) = (new byte[BufferSize], 0L, 0L);
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0; bytes += read)
        {
            hash.AppendData(buffer, 0, read);
            lines += hasLines ? buffer.AsSpan(0, read).Count((byte)'\n') : 0;
            await copy.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        return new(name, bytes, hasLines ? lines : null, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }
}
