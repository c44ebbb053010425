namespace Freehold.Cli.Output;

/// <summary>A tenant's record.</summary>
internal sealed record TenantDocument(
    string Id, string? Name, TenantState State, string? Failure, IReadOnlyCollection<string> Tags, string? Plan, string? Region, PlacementDocument? Placement)
{
    public static TenantDocument Of(Tenant tenant) => new(
        tenant.Id.Value, tenant.Name, tenant.State, tenant.Failure, tenant.Tags, tenant.Plan, tenant.Region,
        tenant.Placement is { } placement ? new(placement.Isolation, placement.Server, placement.Database, placement.Schema) : null);
}

/// <summary>Where its data is; what is null is by convention.</summary>
internal sealed record PlacementDocument(Isolation Isolation, string Server, string? Database, string? Schema);
