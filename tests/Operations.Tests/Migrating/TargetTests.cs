using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.EntityFrameworkCore.Migrations;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>Migrating to a target, upwards and downwards.</summary>
public class TargetTests
{
    private const string Marks = """SELECT string_agg("Text", ', ' ORDER BY "Text") FROM "Marks" """;
    private const string History = """SELECT string_agg(substr("MigrationId", 16), ' ' ORDER BY "MigrationId") FROM "__EFMigrationsHistory" """;
    private const string Steps = "SELECT count(*) FROM freehold_operations.migration_steps";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<Kind> Kinds => [Kind.Schemas, Kind.Databases];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Tenants_are_taken_up_and_down_to_a_target_and_to_nothing(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<RackDb>().AddOperations());
        foreach (var tenant in Tenants(3))
        {
            await fleet.Provisioner.ProvisionAsync(tenant, Cancelled);
        }

        var plan = await PlanAsync(fleet, "racksFREELY");
        plan.Tenants.ShouldAllBe(status => Text(status.Reverted) == "-20260713000000_RackColour" && status.Pending.Count == 0);
        plan.IsEmpty.ShouldBeFalse();
        var result = await fleet.Operations.MigrateAsync(plan, cancellationToken: Cancelled);

        result.IsComplete.ShouldBeTrue(Text(result));
        result.Outcomes.ShouldAllBe(outcome => Text(outcome.Reverted) == "-20260713000000_RackColour" && outcome.Applied.Count == 0);
        (await fleet.SqlAsync("t2", History)).ShouldBe("Racks RacksFreely");
        (await fleet.SqlAsync("t2", Marks)).ShouldBe("uncoloured");

        Text((await ToAsync(fleet, "20260711000000_Racks")).Outcomes[1].Reverted).ShouldBe("-20260712000000_RacksFreely");
        (await fleet.SqlAsync("t1", Marks)).ShouldBe("down 1, down 2, uncoloured");
        (await fleet.SqlAsync("t1", Steps)).ShouldBe(0L);

        await ToAsync(fleet, "0");
        (await fleet.TablesAsync("t0")).ShouldBe(["__EFMigrationsHistory"]);
        Text((await ToAsync(fleet, "Racks")).Outcomes[0].Applied).ShouldBe("20260711000000_Racks");
        (await PlanAsync(fleet, "Racks")).IsEmpty.ShouldBeTrue();
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
        (await fleet.SqlAsync("t0", History)).ShouldBe("Racks RacksFreely RackColour");
    }

    [Fact]
    public async Task On_sqlite_EF_itself_goes_to_the_target()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddDbContext<NoteDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(new Tenant("t0"), Cancelled);

        Text((await ToAsync(fleet, "Notes")).Outcomes[0].Reverted).ShouldBe("-20260733000000_NotesLast, -20260732000000_NotesMore");
        (await fleet.TablesAsync("t0")).ShouldBe(["Notes", "__EFMigrationsHistory"], ignoreOrder: true);
        (await ToAsync(fleet, "0")).IsComplete.ShouldBeTrue();
        (await fleet.TablesAsync("t0")).ShouldBe(["__EFMigrationsHistory"]);
    }

    [Fact]
    public async Task With_a_migrator_of_ones_own_EF_itself_goes_to_the_target_and_histories_can_be_marked()
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<NoteDb>(options => options.ReplaceService<IMigrator, OwnMigrator>()));

        Text((await ToAsync(fleet, "NotesMore")).Outcomes[1].Applied).ShouldBe("20260731000000_Notes, 20260732000000_NotesMore");
        Text((await ToAsync(fleet, "Notes")).Outcomes[0].Reverted).ShouldBe("-20260732000000_NotesMore");
        (await fleet.TablesAsync("t0")).ShouldBe(["Notes", "__EFMigrationsHistory"], ignoreOrder: true);
        var marked = await fleet.Operations.MarkAppliedAsync(await PlanAsync(fleet, target: null), cancellationToken: Cancelled);

        Text(marked.Outcomes[1].Applied).ShouldBe("20260732000000_NotesMore, 20260733000000_NotesLast");
        (await fleet.TablesAsync("t1")).ShouldBe(["Notes", "__EFMigrationsHistory"], ignoreOrder: true);
        (await PlanAsync(fleet, target: null)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_table_that_a_down_makes_again_has_its_policies()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<ShelfDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(new Tenant("t0"), Cancelled);
        await fleet.Provisioner.ProvisionAsync(new Tenant("t1"), Cancelled);

        var result = await ToAsync(fleet, "Shelves");

        result.IsComplete.ShouldBeTrue(Text(result));
        (await fleet.SqlAsync("t0", """SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = '"Shelves"'::regclass""")).ShouldBe(true);
        (await fleet.SqlAsync("t0", """SELECT count(*) FROM pg_policy WHERE polrelid = '"Shelves"'::regclass""")).ShouldBe(1L);
    }

    [Fact]
    public async Task What_others_of_the_place_would_lose_too_is_not_reverted_for_one()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<ShelfDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(new Tenant("t0"), Cancelled);
        await fleet.Provisioner.ProvisionAsync(new Tenant("t1"), Cancelled);

        var plan = await fleet.Operations.PlanMigrationAsync(TenantSelection.Of("t0"), new() { Target = "0" }, Cancelled);
        var result = await fleet.Operations.MigrateAsync(plan, cancellationToken: Cancelled);

        result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error!.Message.ShouldContain("'t1'");
        (await fleet.SqlAsync("t0", History)).ShouldBe("Shelves NoShelves");
    }

    [Fact]
    public async Task A_table_that_a_down_makes_again_can_be_used_by_the_applications_role()
    {
        await using var app = await RolesApp.StartAsync(configure: tenancy => tenancy.AddDbContext<ShelfDb>());
        await app.Provisioner.ProvisionAsync(new Tenant("acme"), Cancelled);

        var plan = await app.Operations.PlanMigrationAsync(options: new() { Context = nameof(ShelfDb), Target = "Shelves" }, cancellationToken: Cancelled);
        (await app.Operations.MigrateAsync(plan, cancellationToken: Cancelled)).IsComplete.ShouldBeTrue();

        (await app.SqlAsync("""INSERT INTO "tenant_acme"."Shelves" VALUES ('acme', 7) RETURNING "Number" """, app.Role)).ShouldBe(7);
    }

    [Theory]
    [InlineData(null, "Orders", "ShopDb, RackDb")]
    [InlineData("GeoDb", null, "ShopDb, RackDb")]
    [InlineData("RackDb", "Orders", "20260712000000_RacksFreely")]
    [InlineData("ShopDb", "Orders_", "20260101000000_Orders")]
    public async Task A_target_that_is_none_is_refused_with_what_there_is(string? context, string? target, string offered)
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<ShopDb>().AddDbContext<RackDb>().AddSharedDbContext<GeoDb>());

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Operations.PlanMigrationAsync(options: new() { Context = context, Target = target }, cancellationToken: Cancelled)))
            .Message.ShouldContain(offered);
    }

    [Fact]
    public async Task With_a_context_others_and_the_shared_tables_are_left_as_they_are()
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<ShopDb>().AddDbContext<StockDb>().AddSharedDbContext<GeoDb>());

        var plan = await fleet.Operations.PlanMigrationAsync(options: new() { Context = nameof(ShopDb) }, cancellationToken: Cancelled);
        (await fleet.Operations.MigrateAsync(plan, cancellationToken: Cancelled)).IsComplete.ShouldBeTrue();

        plan.PendingShared.ShouldBeEmpty();
        (await fleet.TablesAsync("t1")).ShouldBe(["Orders", "__EFMigrationsHistory"], ignoreOrder: true);
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).PendingShared.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_migration_that_cannot_be_reverted_is_an_error_before_any_tenant_is_begun()
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<ShopDb>());
        await fleet.MigrateAsync();

        var refused = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => PlanAsync(fleet, "Orders"));

        refused.Message.ShouldContain("20260102000000_OrdersByItem");
        (await fleet.SqlAsync("t0", History)).ShouldBe("Orders OrdersByItem");
    }

    [Fact]
    public async Task A_target_below_a_migration_that_is_unknown_here_is_that_tenants_error()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<RackDb>());
        await fleet.MigrateAsync();
        await fleet.SqlAsync("t1", """INSERT INTO "__EFMigrationsHistory" VALUES ('20270101000000_FromTheFuture', '11')""");

        var result = await ToAsync(fleet, "RacksFreely");

        result.Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(2);
        var failed = result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();
        failed.Error.ShouldBeOfType<TenantOperationException>().TenantId!.Value.Value.ShouldBe("t1");
        failed.Error!.Message.ShouldContain("20270101000000_FromTheFuture");
        (await fleet.SqlAsync("t1", History)).ShouldBe("Racks RacksFreely RackColour FromTheFuture");
    }

    [Theory]
    [InlineData("Racks", "Racks", "down 1, down 2, uncoloured")]
    [InlineData(null, "Racks RacksFreely RackColour", "down 1, down 2, uncoloured")]
    public async Task A_down_that_was_interrupted_is_finished_first_wherever_the_next_run_goes(string? target, string history, string marks)
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<RackDb>());
        await fleet.MigrateAsync();
        await fleet.SqlAsync("t1", """INSERT INTO "Racks" VALUES (7), (7)""");

        var failed = (await ToAsync(fleet, "Racks")).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();

        failed.Error!.Message.ShouldContain("Reverting migration '20260712000000_RacksFreely'");
        (await fleet.SqlAsync("t1", Marks)).ShouldBe("down 1, uncoloured");
        var status = (await PlanAsync(fleet, target)).Tenants[1];
        status.IsDirty.ShouldBeTrue();
        Text(status.Reverted).ShouldBe("-20260712000000_RacksFreely");
        await fleet.SqlAsync("t1", """DELETE FROM "Racks" """);
        (await ToAsync(fleet, target)).IsComplete.ShouldBeTrue();

        (await fleet.SqlAsync("t1", History)).ShouldBe(history);
        (await fleet.SqlAsync("t1", Marks)).ShouldBe(marks);
        (await fleet.SqlAsync("t1", Steps)).ShouldBe(0L);
        (await PlanAsync(fleet, target)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task An_up_that_was_interrupted_is_finished_before_it_is_reverted()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<StockDb>());
        await ToAsync(fleet, "Parts");
        await fleet.SqlAsync("t0", """INSERT INTO "Parts" VALUES (gen_random_uuid(), 7), (gen_random_uuid(), 7)""");
        (await fleet.MigrateAsync()).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();
        await fleet.SqlAsync("t0", """DELETE FROM "Parts" """);

        var plan = await PlanAsync(fleet, "Parts");
        (await fleet.Operations.MigrateAsync(plan, cancellationToken: Cancelled)).IsComplete.ShouldBeTrue();

        Text(plan.Tenants[0].Pending).ShouldBe("20260602000000_PartsByNumber");
        Text(plan.Tenants[0].Reverted).ShouldBe("-20260602000000_PartsByNumber");
        (await fleet.SqlAsync("t0", Marks)).ShouldBe("after, before, reverted");
        (await fleet.SqlAsync("t0", History)).ShouldBe("Parts");
    }

    [Fact]
    public async Task Only_dirty_tenants_are_repaired_where_that_is_asked_for()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<StockDb>());
        await ToAsync(fleet, "Parts");
        await fleet.SqlAsync("t1", """INSERT INTO "Parts" VALUES (gen_random_uuid(), 7), (gen_random_uuid(), 7)""");
        await fleet.Operations.MigrateAsync(await fleet.Operations.PlanMigrationAsync(TenantSelection.Of("t1"), cancellationToken: Cancelled), cancellationToken: Cancelled);
        await fleet.SqlAsync("t1", """DELETE FROM "Parts" """);

        var dirty = (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).OnlyDirty();
        (await fleet.Operations.MigrateAsync(dirty, cancellationToken: Cancelled)).IsComplete.ShouldBeTrue();

        dirty.Tenants.ShouldHaveSingleItem().Tenant.Id.Value.ShouldBe("t1");
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Tenants.Select(status => (status.IsDirty, status.Pending.Count))
            .ShouldBe([(false, 1), (false, 0), (false, 1)]);
    }

    [Fact]
    public async Task A_plan_that_somebody_else_has_carried_out_meanwhile_reverts_nothing_twice()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<RackDb>());
        await fleet.MigrateAsync();
        var plan = await PlanAsync(fleet, "RacksFreely");

        (await fleet.Operations.MigrateAsync(plan, cancellationToken: Cancelled)).Of(TenantOutcomeKind.Succeeded).ShouldHaveSingleItem();
        (await fleet.Operations.MigrateAsync(plan, cancellationToken: Cancelled)).Of(TenantOutcomeKind.NothingToDo).ShouldHaveSingleItem();

        (await fleet.SqlAsync("t0", Marks)).ShouldBe("uncoloured");
    }

    [Fact]
    public async Task A_plan_whose_histories_have_changed_meanwhile_leaves_no_migration_out()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<NoteDb>());
        await ToAsync(fleet, "NotesMore");
        var plan = await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled);
        await ToAsync(fleet, "Notes");

        var result = await fleet.Operations.MigrateAsync(plan, cancellationToken: Cancelled);

        Text(result.Outcomes[0].Applied).ShouldBe("20260732000000_NotesMore, 20260733000000_NotesLast");
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_plan_from_before_a_down_was_interrupted_finishes_that_first()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<RackDb>());
        await ToAsync(fleet, "RacksFreely");
        var plan = await PlanAsync(fleet, target: null);
        await fleet.SqlAsync("t0", """INSERT INTO "Racks" VALUES (7), (7)""");
        (await ToAsync(fleet, "Racks")).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();
        await fleet.SqlAsync("t0", """DELETE FROM "Racks" """);

        (await fleet.Operations.MigrateAsync(plan, cancellationToken: Cancelled)).IsComplete.ShouldBeTrue();

        (await fleet.SqlAsync("t0", Marks)).ShouldBe("down 1, down 2");
        (await fleet.SqlAsync("t0", History)).ShouldBe("Racks RacksFreely RackColour");
        (await PlanAsync(fleet, target: null)).Tenants[0].IsDirty.ShouldBeFalse();
    }

    private static Task<TenantMigrationPlan> PlanAsync(Fleet fleet, string? target) =>
        fleet.Operations.PlanMigrationAsync(options: new() { Target = target }, cancellationToken: Cancelled);

    private static async Task<TenantOperationResult> ToAsync(Fleet fleet, string? target) =>
        await fleet.Operations.MigrateAsync(await PlanAsync(fleet, target), cancellationToken: Cancelled);

    private static string Text(IEnumerable<TenantMigration> migrations) => string.Join(", ", migrations.Select(migration => (migration.IsReverted ? "-" : "") + migration.Id));

    private static string Text(TenantOperationResult result) => string.Join('\n', result.Outcomes.Select(outcome => $"{outcome.Tenant.Id} {outcome.Kind} {outcome.Error?.Message}"));
}
