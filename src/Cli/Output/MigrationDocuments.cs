namespace Freehold.Cli.Output;

/// <summary>A migration of a context.</summary>
internal sealed record MigrationDocument(string Context, string Id)
{
    public static IReadOnlyList<MigrationDocument> Of(IEnumerable<TenantMigration> migrations) =>
        [.. migrations.Select(migration => new MigrationDocument(migration.Context, migration.Id))];
}

/// <summary>Where a tenant's migrations stand.</summary>
internal sealed record StatusDocument(
    string Id, TenantState State, IReadOnlyList<MigrationDocument> Pending, IReadOnlyList<MigrationDocument> Reverted, IReadOnlyList<string> Unknown, bool IsOutOfOrder, bool IsDirty,
    string? Error)
{
    public static StatusDocument Of(TenantMigrationStatus status) => new(
        status.Tenant.Id.Value, status.Tenant.State, MigrationDocument.Of(status.Pending), MigrationDocument.Of(status.Reverted), status.Unknown, status.IsOutOfOrder, status.IsDirty, status.Error?.Message);
}

/// <summary>Where the fleet stands.</summary>
internal sealed record FleetDocument(
    StatusSummary Summary, IReadOnlyList<MigrationDocument> PendingShared, IReadOnlyList<EditedDocument> Edited, IReadOnlyList<StatusDocument> Tenants)
{
    public static FleetDocument Of(TenantMigrationPlan plan) => new(
        StatusSummary.Of(plan),
        MigrationDocument.Of(plan.PendingShared),
        [.. plan.Edited.Select(edited => new EditedDocument(edited.Context, edited.Id, edited.FirstAppliedAt, edited.Server, edited.Database))],
        [.. plan.Tenants.Select(StatusDocument.Of)]);
}

/// <summary>A migration that is not what was applied before.</summary>
internal sealed record EditedDocument(string Context, string Id, DateTimeOffset FirstAppliedAt, string Server, string? Database);

/// <summary>How many tenants there are of each kind; one can be of several.</summary>
internal sealed record StatusSummary(int Tenants, int UpToDate, int Pending, int Reverted, int Dirty, int OutOfOrder, int Unknown, int Unreadable)
{
    public static StatusSummary Of(TenantMigrationPlan plan) => new(
        plan.Tenants.Count,
        plan.Tenants.Count(status => status.IsUpToDate()),
        plan.Tenants.Count(status => status.Pending.Count > 0),
        plan.Tenants.Count(status => status.Reverted.Count > 0),
        plan.Tenants.Count(status => status.IsDirty),
        plan.Tenants.Count(status => status.IsOutOfOrder),
        plan.Tenants.Count(status => status.Unknown.Count > 0),
        plan.Tenants.Count(status => status.Error is not null));
}
