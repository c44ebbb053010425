namespace Freehold.Core.Placement;

/// <summary>A placement with nothing left open, and the names it needs, quoted once.</summary>
/// <param name="Isolation">What separates the tenant's data.</param>
/// <param name="Server">The connection target's name.</param>
/// <param name="Database">The database (SQLite: the file's name); null where the server's own is meant.</param>
/// <param name="Schema">The schema; null where the provider has none.</param>
internal sealed record ResolvedPlacement(Isolation Isolation, string Server, string? Database, string? Schema)
{
    /// <summary>The schema as it stands in SQL.</summary>
    public string? QuotedSchema { get; } = Schema is null ? null : SqlText.Identifier(Schema);
}
