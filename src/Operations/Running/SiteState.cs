using Freehold.Operations.Migrating;
using Freehold.Operations.Places;

namespace Freehold.Operations.Running;

/// <summary>A place and where its migrations stand. Tenants isolated by row share one.</summary>
/// <param name="Site">One of its tenants in it; or the shared tables.</param>
/// <param name="Tenants">All of its tenants that were chosen; none for the shared tables.</param>
internal sealed record SiteState(Site Site, IReadOnlyList<Tenant> Tenants)
{
    /// <summary>What would be applied.</summary>
    public IReadOnlyList<TenantMigration> Pending { get; init; } = [];

    /// <summary>What would be reverted before.</summary>
    public IReadOnlyList<TenantMigration> Reverted { get; init; } = [];

    /// <summary>What each context's history holds, in the contexts' order; null where a table is not there. Empty where that was not looked at.</summary>
    public IReadOnlyList<IReadOnlySet<string>?> Histories { get; init; } = [];

    /// <summary>What would be done in each context, in the contexts' order.</summary>
    public IReadOnlyList<IReadOnlyList<MigrationMove>> Moves { get; init; } = [];

    public IReadOnlyList<string> Unknown { get; init; } = [];

    public bool IsOutOfOrder { get; init; }

    public bool IsDirty { get; init; }

    public TenantOperationException? Error { get; init; }

    /// <summary>Whether a run has something to do here: also to bring back into service whom one that died or failed left out of it.</summary>
    public bool NeedsTurn => Error is null && (Pending.Count > 0 || Reverted.Count > 0 || Tenants.Any(OutOfService.IsLeft));

    public string Server => Site.Placement?.Server ?? TenantPlacement.DefaultServer;

    public IEnumerable<TenantMigrationStatus> Statuses() => Tenants.Select(tenant => new TenantMigrationStatus(tenant, Pending)
    {
        Reverted = Reverted, Unknown = Unknown, IsOutOfOrder = IsOutOfOrder, IsDirty = IsDirty, Error = Error,
    });
}
