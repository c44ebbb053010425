namespace Freehold.Cli.Output;

/// <summary>A tenant's record.</summary>
internal sealed record TenantDocument(
    string Id, string? Name, TenantState State, string? Plan, string? Region, string? Isolation, string? Server, string? Database, string? Schema)
{
    public static TenantDocument Of(Tenant tenant) => new(
        tenant.Id.Value,
        tenant.Name,
        tenant.State,
        tenant.Plan,
        tenant.Region,
        tenant.Placement?.Isolation.ToString().ToLowerInvariant(),
        tenant.Placement?.Server,
        tenant.Placement?.Database,
        tenant.Placement?.Schema);
}
