using System.Collections.Concurrent;
using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>What comes before and after each migration of a tenant.</summary>
public class MigrationHookTests
{
    private const string Count = """SELECT count(*) FROM "__EFMigrationsHistory" """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<Kind> Kinds => [Kind.Schemas, Kind.Files];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Each_migration_has_its_hooks_and_is_committed_between_them_upwards_and_downwards(Kind kind)
    {
        await using var before = await Fleet.StartAsync(kind, tenancy => tenancy.AddOperations());
        await before.Provisioner.ProvisionAsync(new Tenant("t0"), Cancelled);
        await using var fleet = await before.LaterAsync(tenancy => tenancy.UseTenants(new Tenant("t0")).AddDbContext<NoteDb>().AddOperations());
        var (told, context) = (new List<string>(), fleet.Services.GetRequiredService<ITenantContext>());
        var options = new TenantRunOptions { BeforeMigration = (tenant, migration, _) => TellAsync("before", tenant, migration), AfterMigration = (tenant, migration, _) => TellAsync("after", tenant, migration) };

        (await fleet.MigrateAsync(options: options)).IsComplete.ShouldBeTrue();
        var down = await fleet.Operations.PlanMigrationAsync(options: new() { Target = "NotesMore" }, cancellationToken: Cancelled);
        (await fleet.Operations.MigrateAsync(down, options, Cancelled)).IsComplete.ShouldBeTrue();

        told.ShouldBe([
            "before t0 Notes 0", "after t0 Notes 1", "before t0 NotesMore 1", "after t0 NotesMore 2", "before t0 NotesLast 2", "after t0 NotesLast 3",
            "before t0 -NotesLast 3", "after t0 -NotesLast 2",
        ]);

        async Task TellAsync(string when, Tenant tenant, TenantMigration migration)
        {
            context.Current.ShouldBeNull("as in the tenants' hooks");
            var count = (await fleet.TablesAsync("t0")).Contains("__EFMigrationsHistory") ? (long)(await fleet.SqlAsync("t0", Count))! : 0;
            told.Add($"{when} {tenant.Id} {(migration.IsReverted ? "-" : "")}{migration.Id[15..]} {count}");
        }
    }

    [Fact]
    public async Task A_hook_that_fails_is_the_tenants_failure_and_the_migrations_before_it_stay()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<NoteDb>());
        var begun = new ConcurrentQueue<string>();
        var options = new TenantRunOptions
        {
            BeforeMigration = (tenant, migration, _) =>
            {
                begun.Enqueue($"{tenant.Id} {migration.Id[15..]}");
                return tenant.Id.Value == "t1" && migration.Id.EndsWith("More", StringComparison.Ordinal) ? throw new InvalidOperationException("not yet") : Task.CompletedTask;
            },
            AfterMigration = (tenant, migration, _) =>
                tenant.Id.Value == "t2" && migration.Id.EndsWith("More", StringComparison.Ordinal) ? throw new InvalidOperationException("not good") : Task.CompletedTask,
        };

        var result = await fleet.MigrateAsync(options: options);

        result.Outcomes.Select(outcome => outcome.Error?.Message).ShouldBe([null, "not yet", "not good"]);
        result.Outcomes.Select(outcome => outcome.Applied.Count).ShouldBe([3, 1, 2]);
        (await fleet.SqlAsync("t1", Count)).ShouldBe(1L);
        (await fleet.SqlAsync("t2", Count)).ShouldBe(2L, "what comes after a migration comes after its commit");
        begun.Where(line => line.StartsWith("t2", StringComparison.Ordinal)).ShouldBe(["t2 Notes", "t2 NotesMore"]);
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
    }

    [Fact]
    public async Task A_migration_of_a_place_of_rows_is_told_for_each_of_its_tenants()
    {
        await using var first = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<ShelfDb>().AddOperations());
        await first.Provisioner.ProvisionAsync(new Tenant("t0"), Cancelled);
        await first.SqlAsync("t0", """DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%NoShelves'; """ + ShelfDb.Create);
        await using var fleet = await Fleet.StartAsync(
            Kind.Rows, tenancy => tenancy.UseTenants(Tenants(3)).AddDbContext<ShelfDb>().AddOperations(), first.ConnectionString, first.Role);
        var told = new List<string>();

        var result = await fleet.MigrateAsync(options: new()
        {
            AfterMigration = (tenant, migration, _) =>
            {
                told.Add($"{tenant.Id} {migration.Id[15..]}");
                return Task.CompletedTask;
            },
        });

        result.IsComplete.ShouldBeTrue();
        told.ShouldBe(["t0 NoShelves", "t1 NoShelves", "t2 NoShelves"]);
    }

    [Fact]
    public async Task On_sqlite_migrations_out_of_order_are_refused_with_hooks_and_applied_without()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddDbContext<NoteDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(new Tenant("t0"), Cancelled);
        await fleet.SqlAsync("t0", """DROP TABLE "More"; DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%NotesMore' """);

        var refused = (await fleet.MigrateAsync(options: new() { BeforeMigration = (_, _, _) => Task.CompletedTask })).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();

        refused.Error!.Message.ShouldContain("BeforeMigration");
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
        (await fleet.TablesAsync("t0")).ShouldContain("More");
    }
}
