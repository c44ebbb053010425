namespace Freehold;

/// <summary>How far migrations go, and which.</summary>
public sealed record TenantMigrationOptions
{
    /// <summary>
    /// The last migration to be applied: its id, or its name without the timestamp; <c>0</c> for none. Case does not count. What a tenant has beyond it is reverted, newest first
    /// (its Down); what it lacks up to it is applied. Null, the default, is the newest. Shared tables are left as they are.
    /// </summary>
    public string? Target { get; init; }

    /// <summary>
    /// The name of the only DbContext type that is meant, one of tenants' own tables; null, the default, for all. Others are left as they are, shared tables too. Needed with
    /// <see cref="Target"/> where there are several.
    /// </summary>
    public string? Context { get; init; }
}
