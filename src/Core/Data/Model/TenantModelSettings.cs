namespace Freehold.Core.Data.Model;

/// <summary>All that the EF model of a context depends on. Equal settings share one model and one internal service provider.</summary>
/// <param name="Kind">What the context is used for.</param>
/// <param name="Provider">The provider's name, for messages.</param>
/// <param name="HasSchemas">Whether the provider has schemas.</param>
/// <param name="DefaultIsolation">What separates tenants by default.</param>
/// <param name="SharedSchema">The schema of tables declared shared.</param>
/// <param name="TypesSchema">The schema of enum types and extensions, if there is one.</param>
/// <param name="IsForSharedTables">Whether the context was registered for shared tables.</param>
internal sealed record TenantModelSettings(
    ContextKind Kind,
    string Provider,
    bool HasSchemas,
    Isolation DefaultIsolation,
    string SharedSchema,
    string? TypesSchema,
    bool IsForSharedTables)
{
    /// <summary>The column that says whose a row is; null where no tenant is isolated by row.</summary>
    public string? TenantColumn { get; init; }

    /// <summary>Set by <c>AllowSharedWrites</c>.</summary>
    public bool AllowsSharedWrites { get; init; }

    /// <summary>Set by <c>AlwaysSetSearchPath</c>.</summary>
    public bool AlwaysSetsSearchPath { get; init; }

    /// <summary>Set by <c>DetectCrossTenantAccess</c>.</summary>
    public bool DetectsCrossings { get; init; }
}
