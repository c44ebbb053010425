using Freehold.Operations.Places;

namespace Freehold.Operations.Running;

/// <summary>A place and where its migrations stand. Tenants isolated by row share one.</summary>
/// <param name="Site">One of its tenants in it; or the shared tables.</param>
/// <param name="Tenants">All of its tenants that were chosen; none for the shared tables.</param>
internal sealed record SiteState(Site Site, IReadOnlyList<Tenant> Tenants)
{
    public IReadOnlyList<TenantMigration> Pending { get; init; } = [];

    /// <summary>What each context's history holds, in the contexts' order; null where a table is not there. Empty where that was not looked at.</summary>
    public IReadOnlyList<IReadOnlySet<string>?> Histories { get; init; } = [];

    public IReadOnlyList<string> Unknown { get; init; } = [];

    public bool IsOutOfOrder { get; init; }

    public bool IsDirty { get; init; }

    public TenantOperationException? Error { get; init; }

    public string Server => Site.Placement?.Server ?? TenantPlacement.DefaultServer;

    public IEnumerable<TenantMigrationStatus> Statuses() => Tenants.Select(tenant => new TenantMigrationStatus(tenant, Pending)
    {
        Unknown = Unknown, IsOutOfOrder = IsOutOfOrder, IsDirty = IsDirty, Error = Error,
    });
}
