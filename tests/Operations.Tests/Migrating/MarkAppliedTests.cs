using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>Histories of places that were made by other means.</summary>
public class MarkAppliedTests
{
    private const string History = """SELECT string_agg(substr("MigrationId", 16), ' ' ORDER BY "MigrationId") FROM "__EFMigrationsHistory" """;
    private const string OrdersTable = """CREATE TABLE "Orders" ("Id" uuid PRIMARY KEY, "Item" text NOT NULL)""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_pending_up_to_a_target_is_written_into_histories_and_nothing_is_run()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<ShopDb>());
        foreach (var tenant in Tenants(3))
        {
            await fleet.SqlAsync(tenant.Id.Value, OrdersTable);
        }

        var result = await MarkAsync(fleet, new() { Target = "Orders" });

        result.IsComplete.ShouldBeTrue();
        result.Outcomes.ShouldAllBe(outcome => outcome.Kind == TenantOutcomeKind.Succeeded && outcome.Applied.Single().Id == "20260101000000_Orders");
        (await fleet.SqlAsync("t2", History)).ShouldBe("Orders");
        (await fleet.SqlAsync("t0", "SELECT string_agg(operation, ',') FROM freehold_operations.runs WHERE ended_at IS NOT NULL")).ShouldBe("mark-applied");
        (await fleet.MigrateAsync()).Outcomes.ShouldAllBe(outcome => outcome.Applied.Single().Id == "20260102000000_OrdersByItem");
        (await MarkAsync(fleet)).Outcomes.ShouldAllBe(outcome => outcome.Kind == TenantOutcomeKind.NothingToDo);
    }

    [Fact]
    public async Task The_shared_tables_are_marked_first()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<ShopDb>().AddSharedDbContext<GeoDb>());

        (await MarkAsync(fleet)).IsComplete.ShouldBeTrue();

        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).IsEmpty.ShouldBeTrue();
        (await fleet.TablesAsync("t0")).ShouldBe(["__EFMigrationsHistory"]);
        (await fleet.SqlAsync("t0", "SELECT count(*) FROM pg_tables WHERE schemaname = 'shared'")).ShouldBe(1L);
    }

    [Theory]
    [InlineData(Kind.Schemas)]
    [InlineData(Kind.Files)]
    public async Task A_history_that_is_not_as_planned_any_more_is_left_alone(Kind kind)
    {
        await using var before = await Fleet.StartAsync(kind, tenancy => tenancy.AddOperations());
        foreach (var tenant in Tenants(2))
        {
            await before.Provisioner.ProvisionAsync(tenant, Cancelled);
        }

        await using var fleet = await before.LaterAsync(tenancy => tenancy.UseTenants(Tenants(2)).AddDbContext<NoteDb>().AddOperations());
        var plan = await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled);
        var first = await fleet.Operations.PlanMigrationAsync(TenantSelection.Of("t1"), new() { Target = "Notes" }, Cancelled);
        (await fleet.Operations.MigrateAsync(first, cancellationToken: Cancelled)).IsComplete.ShouldBeTrue();

        var result = await fleet.Operations.MarkAppliedAsync(plan, cancellationToken: Cancelled);

        result.Of(TenantOutcomeKind.Succeeded).ShouldHaveSingleItem().Tenant.Id.Value.ShouldBe("t0");
        var failed = result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error.ShouldBeOfType<TenantOperationException>();
        failed.IsRetryable.ShouldBeTrue();
        failed.Message.ShouldContain("Plan anew");
        (await fleet.SqlAsync("t0", History)).ShouldBe("Notes NotesMore NotesLast");
        (await fleet.SqlAsync("t1", History)).ShouldBe("Notes");
    }

    [Fact]
    public async Task A_step_that_was_mended_by_hand_is_done_when_its_migration_is_marked()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<StockDb>());
        await fleet.Operations.MigrateAsync(await fleet.Operations.PlanMigrationAsync(options: new() { Target = "Parts" }, cancellationToken: Cancelled), cancellationToken: Cancelled);
        await fleet.SqlAsync("t0", """INSERT INTO "Parts" VALUES (gen_random_uuid(), 7), (gen_random_uuid(), 7)""");
        (await fleet.MigrateAsync()).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();

        (await MarkAsync(fleet)).IsComplete.ShouldBeTrue();

        var plan = await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled);
        plan.IsEmpty.ShouldBeTrue();
        plan.Tenants[0].IsDirty.ShouldBeFalse();
    }

    [Fact]
    public async Task Tables_of_a_place_of_rows_that_something_else_made_get_their_policies()
    {
        await using var first = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddOperations());
        await first.Provisioner.ProvisionAsync(new Tenant("t0"), Cancelled);
        await using var fleet = await Fleet.StartAsync(
            Kind.Rows, tenancy => tenancy.UseTenants(Tenants(2)).AddDbContext<ShelfDb>().AddOperations(), first.ConnectionString, first.Role);
        await fleet.SqlAsync("t0", $"{ShelfDb.Create}; ALTER TABLE \"Shelves\" OWNER TO {fleet.Role}");

        var result = await MarkAsync(fleet, new() { Target = "Shelves" });

        result.IsComplete.ShouldBeTrue(string.Join('\n', result.Outcomes.Select(outcome => outcome.Error?.Message)));
        (await fleet.SqlAsync("t0", """SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = '"Shelves"'::regclass""")).ShouldBe(true);
        (await fleet.SqlAsync("t0", """SELECT count(*) FROM pg_policy WHERE polrelid = '"Shelves"'::regclass""")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_tenant_that_is_beyond_the_target_is_not_marked()
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<NoteDb>());
        await fleet.MigrateAsync(TenantSelection.Of("t1"));

        var result = await MarkAsync(fleet, new() { Target = "NotesMore" });

        result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error!.Message.ShouldContain("20260733000000_NotesLast");
        (await fleet.SqlAsync("t0", History)).ShouldBe("Notes NotesMore");
    }

    private static async Task<TenantOperationResult> MarkAsync(Fleet fleet, TenantMigrationOptions? options = null) =>
        await fleet.Operations.MarkAppliedAsync(await fleet.Operations.PlanMigrationAsync(options: options, cancellationToken: Cancelled), cancellationToken: Cancelled);
}
