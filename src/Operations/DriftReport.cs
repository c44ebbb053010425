namespace Freehold;

/// <summary>What <see cref="ITenantDrift"/> found.</summary>
/// <param name="Compared">How many places were compared: schemas, databases, and the places of rows, each of which is one for all its tenants.</param>
/// <param name="Drifted">Those that differ from the reference, in the order of their first tenant's id.</param>
public sealed record DriftReport(int Compared, IReadOnlyList<DriftedPlace> Drifted)
{
    /// <summary>True where a place differs.</summary>
    public bool HasDrift => Drifted.Count > 0;
}

/// <summary>A schema or database that is not as its migrations make it.</summary>
/// <param name="Tenants">Whose it is; several where they are isolated by row.</param>
/// <param name="Server">The server's name, as it was registered.</param>
/// <param name="Database">The database; null for the server's own.</param>
/// <param name="Schema">The schema.</param>
/// <param name="Pending">Migrations that it lacks. Apply them first: what they will change is among the differences.</param>
/// <param name="Differences">What differs, in the order in which it would be repaired.</param>
/// <param name="RepairSql">
/// One transaction that makes the place as expected where <see cref="DriftDifference.IsRepairable"/> says so; null where there is nothing of that kind, and where
/// migrations are pending. It drops no table, column, sequence or type, for there may be data. Read it before you run it, as the role that migrates.
/// </param>
public sealed record DriftedPlace(
    IReadOnlyList<TenantId> Tenants, string Server, string? Database, string Schema, IReadOnlyList<TenantMigration> Pending,
    IReadOnlyList<DriftDifference> Differences, string? RepairSql);

/// <summary>One thing that differs. What belongs to a table or column that is missing, or should not be there, is not told again.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Subject">Its name as it stands in SQL, such as <c>"Orders"."Item"</c>; without the tenant's schema, with any other one.</param>
/// <param name="Expected">How the migrations make it; null where they do not.</param>
/// <param name="Actual">How it is; null where it is missing.</param>
/// <param name="IsRepairable">Whether <see cref="DriftedPlace.RepairSql"/> repairs it.</param>
public sealed record DriftDifference(DriftKind Kind, string Subject, string? Expected, string? Actual, bool IsRepairable);

/// <summary>What can differ.</summary>
public enum DriftKind
{
    /// <summary>The schema or database itself: it is missing.</summary>
    Place = 0,

    /// <summary>An extension, in a database of the tenant's own.</summary>
    Extension,

    /// <summary>An enum, domain, range or composite type.</summary>
    Type,

    /// <summary>A sequence: its type, increment, limits, cache; never its value.</summary>
    Sequence,

    /// <summary>A table: whether it is there, its persistence, partitioning and storage options.</summary>
    Table,

    /// <summary>A column: whether it is there. Their order does not count.</summary>
    Column,

    /// <summary>A column's type, with length, precision and collation.</summary>
    ColumnType,

    /// <summary>A function, procedure or aggregate, body and settings included.</summary>
    Function,

    /// <summary>Whether a column may be null.</summary>
    Nullability,

    /// <summary>A column's default, identity or generation.</summary>
    Default,

    /// <summary>A primary key, unique or exclusion constraint.</summary>
    Key,

    /// <summary>An index that is no constraint's: method, order, predicate, validity.</summary>
    Index,

    /// <summary>A check constraint.</summary>
    Check,

    /// <summary>A foreign key, its actions included.</summary>
    ForeignKey,

    /// <summary>A view or materialised view.</summary>
    View,

    /// <summary>A rule.</summary>
    Rule,

    /// <summary>A trigger, and whether it is enabled.</summary>
    Trigger,

    /// <summary>A policy of row-level security.</summary>
    Policy,

    /// <summary>Whether row-level security is enabled on a table, and forced.</summary>
    RowSecurity,

    /// <summary>What a role may do with an object, or with those to come.</summary>
    Grant,
}
