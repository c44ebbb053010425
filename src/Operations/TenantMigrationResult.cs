namespace Freehold;

/// <summary>What migrating did.</summary>
/// <param name="Applied">The migrations that this call applied, in their order; empty where everything was applied before.</param>
public sealed record TenantMigrationResult(IReadOnlyList<TenantMigration> Applied);

/// <summary>One migration of one DbContext.</summary>
/// <param name="Context">The name of the DbContext type.</param>
/// <param name="Id">The migration's id, as in the history table.</param>
public sealed record TenantMigration(string Context, string Id)
{
    /// <summary>True where it is taken back (its Down), and not applied.</summary>
    public bool IsReverted { get; init; }
}
