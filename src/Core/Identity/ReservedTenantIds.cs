using System.Collections.Frozen;

namespace Freehold.Core.Identity;

/// <summary>Names that mean something else to PostgreSQL, to a file system or to Freehold, compared without case.</summary>
internal static class ReservedTenantIds
{
    private static readonly FrozenSet<string> Names = new[]
    {
        // PostgreSQL: schemas, databases and roles that exist already or mean a keyword where a role is named.
        "public", "information_schema", "postgres", "template0", "template1", "none", "default", "current_user", "session_user",
        // Freehold's own.
        "shared", "freehold",
        // Device names: "con.db" is a console on Windows, whatever follows the dot.
        "con", "prn", "aux", "nul",
        "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
        "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Names.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool Contains(string id)
    {
        var dot = id.IndexOf('.', StringComparison.Ordinal);
        return id.StartsWith("pg_", StringComparison.OrdinalIgnoreCase)
            || id.StartsWith("freehold_", StringComparison.OrdinalIgnoreCase)
            || Lookup.Contains(dot < 0 ? id : id.AsSpan(0, dot));
    }
}
