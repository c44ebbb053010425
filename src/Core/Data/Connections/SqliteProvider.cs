using System.Data.Common;
using Freehold.Core.Placement;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Data.Connections;

/// <summary>SQLite: a file per tenant in one directory. A file that is not there is an error, never made by opening it.</summary>
internal sealed class SqliteProvider(string directory, IOptions<TenantNamingOptions> naming) : DatabaseProvider
{
    private const int CannotOpen = 14;

    private static readonly string[] Journals = ["-wal", "-shm", "-journal"];

    public override string Name => "SQLite";

    public override bool HasSchemas => false;

    public string Directory { get; } = Path.GetFullPath(directory);

    public override bool Supports(Isolation isolation) => isolation is Isolation.Database;

    public override void Configure(DbContextOptionsBuilder options) => options.UseSqlite();

    public override IEnumerable<string> Defects() => naming.Value.OwnerOf(SharedFile, naming.Value.FileTemplate) is { } owner
        ? [$"The shared tables' file '{SharedFile}' is also what FileTemplate gives to a tenant '{owner}'. Change TenantNamingOptions.SharedSchema."]
        : [];

    public override string? Reserved(string server, string database) =>
        database.Equals(SharedFile, StringComparison.OrdinalIgnoreCase) ? $"the file '{database}' belongs to all tenants"
        : Journals.Any(journal => database.EndsWith(journal, StringComparison.OrdinalIgnoreCase)) ? $"the file '{database}' is named like a journal of SQLite's"
        : null;

    public override ConnectionSource Rent(ResolvedPlacement placement) => new Source(Settings(placement.Database!, SqliteOpenMode.ReadWrite, pooling: true));

    public override ConnectionSource RentShared() => new Source(Settings(SharedFile, SqliteOpenMode.ReadWrite, pooling: true));

    public override string SessionSql(Tenant? tenant, ResolvedPlacement? placement, bool namesTables) => "";

    public override DbConnection CreateAdministrative(ResolvedPlacement? placement, bool maintenance) =>
        new SqliteConnection(Settings(placement?.Database ?? SharedFile, SqliteOpenMode.ReadWriteCreate, pooling: false));

    public override void Forget(ResolvedPlacement placement)
    {
        using var connection = new SqliteConnection(Settings(placement.Database!, SqliteOpenMode.ReadWrite, pooling: true));
        SqliteConnection.ClearPool(connection);
    }

    public override string? Missing(Exception failure, ResolvedPlacement placement) => failure switch
    {
        SqliteException { SqliteErrorCode: CannotOpen } => $"its file '{placement.Database}' does not exist or cannot be opened. Provision the tenant.",
        SqliteException missing when missing.Message.Contains("no such table", StringComparison.Ordinal) =>
            $"its file '{placement.Database}' lacks a table. Migrate the tenant.",
        _ => null,
    };

    /// <summary>The path of a placement's file, or of the shared tables' file.</summary>
    internal string FileOf(ResolvedPlacement? placement) => Path.Combine(Directory, placement?.Database ?? SharedFile);

    private string SharedFile => naming.Value.SharedSchema + ".db";

    private string Settings(string file, SqliteOpenMode mode, bool pooling) => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(Directory, file),
        Mode = mode,
        Pooling = pooling,
        ForeignKeys = true,
    }.ToString();

    private sealed class Source(string connectionString) : ConnectionSource
    {
        // By its connection string and not by a connection: EF teaches only connections that it makes itself its decimal functions.
        public override void Bind(IRelationalConnection connection)
        {
            connection.SetDbConnection(null, contextOwnsConnection: true);
            connection.ConnectionString = connectionString;
        }
    }
}
