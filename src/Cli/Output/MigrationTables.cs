using Spectre.Console;
using static Freehold.Cli.Output.Tables;

namespace Freehold.Cli.Output;

/// <summary>Where migrations stand, for people.</summary>
internal static class MigrationTables
{
    private const int NamedTenants = 3;
    private const int NamedMigrations = 5;

    /// <summary>Whether there is nothing to say of a tenant.</summary>
    public static bool IsUpToDate(this TenantMigrationStatus status) =>
        status is { Pending.Count: 0, Reverted.Count: 0, Unknown.Count: 0, IsDirty: false, IsOutOfOrder: false, Error: null };

    /// <summary>A row for each tenant of whom there is something to say, the worst first; the others as a number.</summary>
    public static void DrawStatus(this IAnsiConsole console, TenantMigrationPlan plan)
    {
        DrawWhole(console, plan);
        var told = plan.Tenants.Where(status => !status.IsUpToDate()).OrderByDescending(status => status.Error is not null).ThenByDescending(status => status.IsDirty).ToArray();
        if (told.Length > 0)
        {
            console.DrawTable(
                told,
                ("Tenant", status => Cell(status.Tenant.Id.Value)),
                ("State", status => Cell(status.Tenant.State.ToString())),
                ("Pending", status => Cell(status.Pending.Count == 0 ? "" : $"{status.Pending.Count}", Color.Yellow)),
                ("Next", status => Cell(status.Pending is [var next, ..] ? next.Id : "")),
                ("Remarks", status => Cell(Remarks(status), Color.Red)));
        }

        var upToDate = plan.Tenants.Count - told.Length;
        console.WriteLine(told.Length == 0 && plan.PendingShared.Count == 0
            ? plan.Tenants.Count == 0 ? "There are no tenants." : $"{Count(upToDate, "tenant")}, all up to date."
            : $"{Count(plan.Tenants.Count, "tenant")}: {upToDate} up to date, {plan.Tenants.Count(status => status.Pending.Count > 0)} with pending migrations.");
    }

    /// <summary>What would be done: a row for all tenants who lack the same.</summary>
    public static void DrawPlan(this IAnsiConsole console, TenantMigrationPlan plan)
    {
        DrawWhole(console, plan);
        var groups = plan.Tenants.Where(status => !status.IsUpToDate())
            .GroupBy(status => (Pending: string.Join('\n', Names(status.Pending)), Reverted: string.Join('\n', Names(status.Reverted)), Remarks: Remarks(status)))
            .OrderByDescending(group => group.Count()).ToArray();
        if (groups.Length > 0)
        {
            console.DrawTable(
                groups,
                ("Tenants", group => Cell($"{group.Count()}")),
                ("Who", group => Cell(Some([.. group.Select(status => status.Tenant.Id.Value)], NamedTenants))),
                ("Reverted", group => Cell(group.Key.Reverted, Color.Red)),
                ("Pending", group => Cell(group.Key.Pending, Color.Yellow)),
                ("Remarks", group => Cell(group.Key.Remarks, Color.Red)));
        }

        if (plan.Tenants.Count(MigrationTables.IsUpToDate) is var upToDate and > 0)
        {
            console.WriteLine($"{Count(upToDate, "tenant")} up to date.");
        }
    }

    /// <summary>What is unusual about a tenant, in words.</summary>
    public static string Remarks(TenantMigrationStatus status) => string.Join('\n', new[]
    {
        status.Error?.Message,
        status.IsDirty ? "dirty: a step was interrupted (the next run mends it)" : null,
        status.IsOutOfOrder ? "out of order: older than what was applied" : null,
        status.Unknown.Count > 0 ? $"unknown here: {Some(status.Unknown, NamedTenants)}" : null,
    }.Where(remark => remark is not null));

    private static IEnumerable<string> Names(IReadOnlyList<TenantMigration> migrations) => migrations.Count <= NamedMigrations
        ? migrations.Select(migration => migration.Id)
        : [.. migrations.Take(NamedMigrations - 1).Select(migration => migration.Id), $"… and {migrations.Count - NamedMigrations + 1} more"];

    private static void DrawWhole(IAnsiConsole console, TenantMigrationPlan plan)
    {
        foreach (var edited in plan.Edited)
        {
            console.Write(new Text($"{edited.Id} was edited after it was first applied ({edited.FirstAppliedAt:yyyy-MM-dd}, {Place(edited)}): who has it keeps what it was.\n", new Style(Color.Red)));
        }

        if (plan.PendingShared.Count > 0)
        {
            var names = Some([.. plan.PendingShared.Select(migration => migration.Id)], NamedMigrations);
            console.WriteLine($"The shared tables lack {Count(plan.PendingShared.Count, "migration")}: {names}.");
        }
    }

    private static string Place(EditedMigration edited) => edited.Database is null ? $"server {edited.Server}" : $"server {edited.Server}, database {edited.Database}";
}
