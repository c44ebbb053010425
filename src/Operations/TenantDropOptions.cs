namespace Freehold;

/// <summary>What dropping a tenant leaves behind.</summary>
public sealed class TenantDropOptions
{
    /// <summary>
    /// Where to write an archive of the tenant's data before anything is dropped: the path of a zip file in a folder that exists, which only the process's own user may read. Null by default:
    /// no archive. A file that is there is refused. docs/tenants.md says what is in it.
    /// </summary>
    public string? ArchivePath { get; set; }
}

/// <summary>What dropping a tenant did.</summary>
/// <param name="WasThere">Whether there was anything to drop.</param>
/// <param name="Archive">The archive; null where none was asked for, or there was nothing to archive.</param>
public sealed record TenantDropResult(bool WasThere, TenantArchive? Archive);

/// <summary>An archive of a tenant's data, written and read back.</summary>
/// <param name="Path">The file.</param>
/// <param name="Tables">How many tables are in it.</param>
/// <param name="Rows">How many rows all of them have.</param>
/// <param name="Bytes">The file's size.</param>
public sealed record TenantArchive(string Path, int Tables, long Rows, long Bytes);
