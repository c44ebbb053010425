using Freehold.Operations.Running;

namespace Freehold;

/// <summary>What <see cref="ITenantOperations.RunAsync"/> would do.</summary>
public sealed class TenantOperationPlan
{
    internal TenantOperationPlan(string operation, IReadOnlyList<Tenant> tenants, IReadOnlyList<Tenant> done)
    {
        Operation = operation;
        Tenants = tenants;
        Done = done;
    }

    /// <summary>The name of the work.</summary>
    public string Operation { get; }

    /// <summary>The tenants whose turn comes.</summary>
    public IReadOnlyList<Tenant> Tenants { get; }

    /// <summary>Those for whom the earlier run that this one continues has succeeded.</summary>
    public IReadOnlyList<Tenant> Done { get; }
}

/// <summary>Where the tenants' migrations stand, and what <see cref="ITenantOperations.MigrateAsync"/> would do.</summary>
public sealed class TenantMigrationPlan
{
    internal TenantMigrationPlan(SiteState? shared, IReadOnlyList<SiteState> sites)
    {
        SharedState = shared;
        Sites = sites;
        Tenants = [.. sites.SelectMany(site => site.Statuses()).OrderBy(status => status.Tenant.Id.Value, StringComparer.Ordinal)];
    }

    /// <summary>The chosen tenants, in the order of their ids.</summary>
    public IReadOnlyList<TenantMigrationStatus> Tenants { get; }

    /// <summary>What the shared tables lack.</summary>
    public IReadOnlyList<TenantMigration> PendingShared => SharedState?.Pending ?? [];

    /// <summary>Whether nothing would be done.</summary>
    public bool IsEmpty => PendingShared.Count == 0 && Tenants.All(tenant => tenant is { Pending.Count: 0, Error: null });

    internal SiteState? SharedState { get; }

    internal IReadOnlyList<SiteState> Sites { get; }
}

/// <summary>Where a tenant's migrations stand.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Pending">What it lacks, in its order.</param>
public sealed record TenantMigrationStatus(Tenant Tenant, IReadOnlyList<TenantMigration> Pending)
{
    /// <summary>
    /// Migrations in its history that this application does not have: it is an older version than the one that migrated, or a migration was removed.
    /// </summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Whether something is pending that is older than what was applied: its order was changed, or two branches met.</summary>
    public bool IsOutOfOrder { get; init; }

    /// <summary>Whether a step outside a transaction was interrupted. The next run mends that, and continues there.</summary>
    public bool IsDirty { get; init; }

    /// <summary>Why nothing can be said, such as a server out of reach; null where it can.</summary>
    public TenantOperationException? Error { get; init; }
}
