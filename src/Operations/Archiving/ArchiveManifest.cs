using System.Text.Json;
using System.Text.Json.Serialization;

namespace Freehold.Operations.Archiving;

/// <summary>What is in an archive: its <c>manifest.json</c>.</summary>
internal sealed record ArchiveManifest
{
    public const string FileName = "manifest.json";

    /// <summary>The version of the format. A reader refuses a higher one.</summary>
    public const int Current = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public int Version { get; init; } = Current;

    public required DateTimeOffset CreatedAt { get; init; }

    public required string Server { get; init; }

    public required ArchivedTenant Tenant { get; init; }

    public required IReadOnlyList<ArchivedHistory> Migrations { get; init; }

    public required IReadOnlyList<ArchivedTable> Tables { get; init; }

    public IReadOnlyList<ArchivedSequence> Sequences { get; init; } = [];

    /// <summary>SQLite: the copy of the database, which has the tables.</summary>
    public ArchivedFile? Database { get; init; }

    /// <summary>All files that are to be checked.</summary>
    [JsonIgnore]
    public IEnumerable<ArchivedFile> Files => Tables.Select(table => table.Data).Append(Database).OfType<ArchivedFile>();

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    public static ArchiveManifest? Read(Stream stream) => JsonSerializer.Deserialize<ArchiveManifest>(stream, Json);
}

/// <summary>The tenant's record.</summary>
internal sealed record ArchivedTenant(string Id, TenantState State, string? Name, string? Plan, string? Region, IReadOnlyCollection<string> Tags, TenantPlacement? Placement, Isolation Isolation)
{
    public static ArchivedTenant Of(Tenant tenant, Isolation isolation) =>
        new(tenant.Id.Value, tenant.State, tenant.Name, tenant.Plan, tenant.Region, tenant.Tags, tenant.Placement, isolation);
}

/// <summary>The migrations that a context's history says were applied.</summary>
internal sealed record ArchivedHistory(string Context, string Table, IReadOnlyList<string> Ids);

/// <summary>A table: its columns in the order of the file's, and where its rows are.</summary>
internal sealed record ArchivedTable(string? Schema, string Name, IReadOnlyList<ArchivedColumn> Columns, long Rows, ArchivedFile? Data);

/// <summary>A column and its type, as the database writes it.</summary>
internal sealed record ArchivedColumn(string Name, string Type);

/// <summary>A sequence and where it stands.</summary>
internal sealed record ArchivedSequence(string Schema, string Name, long LastValue, bool IsCalled);

/// <summary>A file in the archive.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Bytes">Its size, unpacked.</param>
/// <param name="Lines">How many lines it has, for files of rows: one for each row.</param>
/// <param name="Sha256">Of what it holds, unpacked, in hexadecimal digits.</param>
internal sealed record ArchivedFile(string Name, long Bytes, long? Lines, string Sha256);
