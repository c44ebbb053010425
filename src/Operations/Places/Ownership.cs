using System.Data.Common;
using Freehold.Core.Placement;

namespace Freehold.Operations.Places;

/// <summary>
/// Whose a schema or a database is: its comment says so. What exists without that mark is taken only if it is empty, so that a name which
/// something else uses already is neither filled nor dropped.
/// </summary>
internal static class Ownership
{
    private const string SchemaSql = """
        SELECT pg_catalog.obj_description(n.oid, 'pg_namespace'),
               EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = n.oid)
                   OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = n.oid)
                   OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE typnamespace = n.oid)
        FROM pg_catalog.pg_namespace n WHERE n.nspname = $1
        """;

    /// <summary>The kinds of places that have marks, as SQL names them.</summary>
    public const string Schema = "SCHEMA";

    /// <inheritdoc cref="Schema"/>
    public const string Database = "DATABASE";

    /// <summary>Begins the mark of a place that is nobody's yet.</summary>
    public const string SpareMark = "Freehold spare ";

    /// <summary>Begins the mark of a place that a drop has not come to the end of.</summary>
    public const string DroppedMark = "Freehold dropped ";

    private const string DatabaseSql = "SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = $1";

    private const string HasTablesSql = """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))
        """;

    /// <summary>The mark of a tenant's place; of a place of rows, one for all its tenants.</summary>
    public static string Mark(Site site) => site.IsByRow ? "Freehold rows" : site.IsSpare ? SpareMark + site.Id : $"Freehold tenant {site.Id}";

    /// <summary>The statement that marks a schema or database as the tenant's.</summary>
    public static string MarkSql(string kind, string name, Site site) => MarkSql(kind, name, Mark(site));

    /// <summary>The statement that marks a schema or database.</summary>
    public static string MarkSql(string kind, string name, string mark) => $"COMMENT ON {kind} {SqlText.Identifier(name)} IS {SqlText.Literal(mark)}";

    /// <summary>Looks at a schema.</summary>
    public static async Task<Claim> OfSchemaAsync(DbConnection connection, string schema, CancellationToken cancellationToken) =>
        await connection.RowAsync(SchemaSql, cancellationToken, schema).ConfigureAwait(false) is [var mark, bool isUsed]
            ? new Claim(true, mark as string, isUsed)
            : Claim.Nothing;

    /// <summary>Looks at a database from another one; whether it is used only its own connection can tell.</summary>
    public static async Task<Claim> OfDatabaseAsync(DbConnection connection, string database, CancellationToken cancellationToken) =>
        await connection.RowAsync(DatabaseSql, cancellationToken, database).ConfigureAwait(false) is [var mark]
            ? new Claim(true, mark as string, IsUsed: true)
            : Claim.Nothing;

    public static async Task<bool> HasTablesAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await connection.RowAsync(HasTablesSql, cancellationToken).ConfigureAwait(false) is [true];

    /// <summary>Why a place is not taken.</summary>
    public static TenantOperationException Foreign(Site site, string kind, string name, Claim claim) => claim.Dropped is { } id ? Dropped(site, kind, name, id) : Foreign(site, kind, name);

    private static TenantOperationException Dropped(Site site, string kind, string name, string id) => site.Refused(
        $"the {kind.ToLowerInvariant()} '{name}' is what a drop of tenant '{id}' left behind, so it was left alone. Drop the rest first (ITenantProvisioner.DropAsync with that id and this "
        + $"placement); or, if the data is to be this tenant's, say so with {MarkSql(kind, name, site)}.");

    public static TenantOperationException Foreign(Site site, string kind, string name) => site.Refused(
        $"the {kind.ToLowerInvariant()} '{name}' exists and is not marked as {(site.IsByRow ? "a place of rows" : "this tenant's")}, so it was left alone. If it is the tenant's, say so with "
        + $"{MarkSql(kind, name, site)}; otherwise choose another place for the tenant.");
}

/// <summary>What was found under a name.</summary>
/// <param name="Exists">Whether it is there.</param>
/// <param name="Mark">Its comment.</param>
/// <param name="IsUsed">Whether something is in it.</param>
internal sealed record Claim(bool Exists, string? Mark, bool IsUsed)
{
    public static readonly Claim Nothing = new(false, null, false);

    /// <summary>Whose it was as a spare; null where it is none.</summary>
    public TenantId? Spare => Mark?.StartsWith(Ownership.SpareMark, StringComparison.Ordinal) == true && TenantId.TryParse(Mark[Ownership.SpareMark.Length..], out var id) ? id : null;

    /// <summary>Whose drop has not come to its end; null where none was begun.</summary>
    public string? Dropped => Mark?.StartsWith(Ownership.DroppedMark, StringComparison.Ordinal) == true ? Mark[Ownership.DroppedMark.Length..] : null;

    public bool IsOf(Site site) => Mark == Ownership.Mark(site) || (!site.IsByRow && Spare == site.Id);
}
