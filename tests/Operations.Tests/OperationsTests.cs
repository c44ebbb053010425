using System.Collections.Concurrent;
using System.Diagnostics;
using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Npgsql;

namespace Freehold.Operations.Tests;

/// <summary>Migrations of many tenants.</summary>
public class OperationsTests
{
    private const string ShopMigrations = "ShopDb 20260101000000_Orders, ShopDb 20260102000000_OrdersByItem";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<Kind> Kinds => [Kind.Schemas, Kind.Databases, Kind.Files];

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_tenants_lack_is_planned_applied_and_then_nothing_is_left(Kind kind)
    {
        var tenants = Tenants(6);
        await using var before = await Fleet.StartAsync(kind, tenancy => tenancy.AddOperations());
        foreach (var tenant in tenants)
        {
            await before.Provisioner.ProvisionAsync(tenant, Cancelled);
        }

        await using var fleet = await before.LaterAsync(tenancy => tenancy.UseTenants(tenants).AddDbContext<ShopDb>().AddOperations());
        var operations = fleet.Operations;

        var plan = await operations.PlanMigrationAsync(cancellationToken: Cancelled);
        plan.Tenants.ShouldAllBe(status => status.Error == null && Text(status.Pending) == ShopMigrations);
        var result = await operations.MigrateAsync(plan, cancellationToken: Cancelled);

        result.IsComplete.ShouldBeTrue(Text(result));
        result.Outcomes.Select(outcome => outcome.Tenant.Id.Value).ShouldBe(tenants.Select(tenant => tenant.Id.Value));
        result.Outcomes.ShouldAllBe(outcome => outcome.Kind == TenantOutcomeKind.Succeeded && Text(outcome.Applied) == ShopMigrations && outcome.Duration > TimeSpan.Zero);
        foreach (var tenant in tenants)
        {
            (await fleet.TablesAsync(tenant.Id.Value)).ShouldBe(["Orders", "__EFMigrationsHistory"], ignoreOrder: true);
        }

        var again = await operations.MigrateAsync(plan, cancellationToken: Cancelled);
        again.Outcomes.ShouldAllBe(outcome => outcome.Kind == TenantOutcomeKind.NothingToDo);
        (await operations.PlanMigrationAsync(cancellationToken: Cancelled)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Tenants_isolated_by_row_are_migrated_once_for_all_with_policies()
    {
        await using var first = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<LedgerDb>().AddOperations());
        await first.Provisioner.ProvisionAsync(new Tenant("t0"), Cancelled);
        await first.SqlAsync("t0", """DROP TABLE "__EFMigrationsHistory" CASCADE; DROP TABLE "Bookings" CASCADE""");
        await using var fleet = await Fleet.StartAsync(
            Kind.Rows, tenancy => tenancy.UseTenants(Tenants(5)).AddDbContext<LedgerDb>().AddOperations(), first.ConnectionString, first.Role);

        var result = await fleet.MigrateAsync();

        result.IsComplete.ShouldBeTrue(Text(result));
        result.Outcomes.Count.ShouldBe(5);
        (await fleet.SqlAsync("t0", """SELECT count(*) FROM "__EFMigrationsHistory" """)).ShouldBe(2L);
        (await fleet.SqlAsync("t0", """SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = '"Bookings"'::regclass""")).ShouldBe(true);
        (await fleet.SqlAsync("t0", """SELECT count(*) FROM pg_policy WHERE polrelid = '"Bookings"'::regclass""")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_plan_changes_nothing()
    {
        await using var fleet = await SchemasAsync(4, tenancy => tenancy.AddDbContext<ShopDb>().AddDbContext<StockDb>().AddSharedDbContext<GeoDb>());
        var untouched = await CatalogAsync(fleet);
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).PendingShared.ShouldHaveSingleItem();
        (await fleet.Operations.PlanAsync("count", cancellationToken: Cancelled)).Tenants.Count.ShouldBe(4);
        (await CatalogAsync(fleet)).ShouldBe(untouched);
        await fleet.MigrateAsync(TenantSelection.Of("t0"));
        var before = await CatalogAsync(fleet);

        var plan = await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled);
        var work = await fleet.Operations.PlanAsync("count", cancellationToken: Cancelled);

        plan.Tenants.Select(status => status.Pending.Count).ShouldBe([0, 4, 4, 4]);
        work.Tenants.Count.ShouldBe(4);
        (await CatalogAsync(fleet)).ShouldBe(before);
    }

    [Fact]
    public async Task A_run_with_nothing_to_do_asks_each_server_once()
    {
        await using var fleet = await SchemasAsync(30, tenancy => tenancy.AddDbContext<ShopDb>().AddDbContext<StockDb>());
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
        var database = new NpgsqlConnectionStringBuilder(fleet.ConnectionString).Database;
        var commands = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TagObjects.Any(tag => tag.Value as string == database) && activity.TagObjects.Any(tag => tag.Key is "db.statement" or "db.query.text"))
                {
                    commands.Enqueue(activity.DisplayName);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        var result = await fleet.MigrateAsync();

        result.Outcomes.ShouldAllBe(outcome => outcome.Kind == TenantOutcomeKind.NothingToDo);
        result.Outcomes.Count.ShouldBe(30);
        commands.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Tenants_are_chosen_by_id_condition_and_exception()
    {
        var tenants = Tenants(6).Select((tenant, i) => tenant with { Region = i % 2 == 0 ? "eu" : "us" }).ToArray();
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UseTenants(tenants).AddOperations());

        (await ChosenAsync(TenantSelection.Of("t3", "t1"))).ShouldBe("t1 t3");
        (await ChosenAsync(new() { Where = tenant => tenant.Region == "eu", Except = [TenantId.Parse("t2")] })).ShouldBe("t0 t4");
        (await Should.ThrowAsync<TenantOperationException>(() => ChosenAsync(TenantSelection.Of("t1", "nobody")))).Message.ShouldContain("'nobody'");

        async Task<string> ChosenAsync(TenantSelection selection) => string.Join(
            ' ', (await fleet.Operations.PlanMigrationAsync(selection, cancellationToken: Cancelled)).Tenants.Select(status => status.Tenant.Id));
    }

    [Fact]
    public async Task A_tenant_that_fails_is_named_with_its_migration_and_the_others_go_on()
    {
        await using var fleet = await SchemasAsync(5, tenancy => tenancy.AddDbContext<AuditDb>());
        foreach (var id in new[] { "t0", "t1", "t3", "t4" })
        {
            await fleet.SqlAsync(id, AuditDb.OpenGate);
        }

        var result = await fleet.MigrateAsync();

        result.Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(4);
        var failed = result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();
        failed.Tenant.Id.Value.ShouldBe("t2");
        failed.Error!.Message.ShouldContain("20260103000000_PastTheGate");
        failed.Error.Message.ShouldContain("Gate");
        Text(failed.Applied).ShouldBe("AuditDb 20260101000001_Entries");
        (await fleet.TablesAsync("t2")).ShouldBe(["Entries", "__EFMigrationsHistory"], ignoreOrder: true);
        Should.Throw<AggregateException>(result.ThrowIfFailed).Message.ShouldContain("t2");
        (await fleet.SqlAsync("t0", "SELECT error FROM freehold_operations.run_outcomes WHERE kind = 'Failed'")).ShouldBe(failed.Error.Message);

        await fleet.SqlAsync("t2", AuditDb.OpenGate);
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
        (await fleet.SqlAsync("t0", "SELECT count(*) FROM freehold_operations.runs WHERE ended_at IS NULL")).ShouldBe(0L);
    }

    [Fact]
    public async Task Cancelling_finishes_who_is_under_way_and_says_who_was_not_begun()
    {
        await using var fleet = await SchemasAsync(6, tenancy => tenancy.AddDbContext<ShopDb>());
        using var cancellation = new CancellationTokenSource();
        var options = new TenantRunOptions { ParallelismPerServer = 1, AfterTenant = (_, _) => cancellation.CancelAsync() };

        var result = await fleet.Operations.MigrateAsync(await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled), options, cancellation.Token);

        result.Of(TenantOutcomeKind.Succeeded).ShouldHaveSingleItem();
        result.Of(TenantOutcomeKind.NotBegun).Count().ShouldBe(5);
        (await fleet.MigrateAsync()).Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(5);
    }

    [Fact]
    public async Task What_was_applied_and_is_unknown_here_or_out_of_order_is_noticed()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<ShopDb>());
        await fleet.MigrateAsync();
        await fleet.SqlAsync("t1", """INSERT INTO "__EFMigrationsHistory" VALUES ('20270101000000_FromTheFuture', '11')""");
        await fleet.SqlAsync("t2", """DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%_Orders'""");

        var statuses = (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Tenants;

        statuses.Select(status => string.Join(' ', status.Unknown)).ShouldBe(["", "20270101000000_FromTheFuture", ""]);
        statuses.Select(status => status.IsOutOfOrder).ShouldBe([false, false, true]);
    }

    [Fact]
    public async Task A_schema_that_is_missing_is_that_tenants_failure_alone()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<ShopDb>());
        await fleet.SqlAsync("t1", "DROP SCHEMA tenant_t1");

        var result = await fleet.MigrateAsync();

        var failed = result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();
        failed.Tenant.Id.Value.ShouldBe("t1");
        failed.Error!.Message.ShouldContain("tenant_t1");
        result.Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(2);
    }

    internal static Tenant[] Tenants(int count) => [.. Enumerable.Range(0, count).Select(i => new Tenant($"t{i}"))];

    /// <summary>Tenants whose schemas are there, and empty.</summary>
    internal static async Task<Fleet> SchemasAsync(int count, Action<MultiTenancyBuilder> configure, Action<TenantOperationsOptions>? options = null)
    {
        var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy =>
        {
            tenancy.UseTenants(Tenants(count)).AddOperations(options);
            configure(tenancy);
        });
        await using var source = NpgsqlDataSource.Create(fleet.ConnectionString!);
        await using var command = source.CreateCommand(string.Concat(Enumerable.Range(0, count).Select(i => $"CREATE SCHEMA tenant_t{i};")) + "CREATE SCHEMA types");
        await command.ExecuteNonQueryAsync(Cancelled);
        return fleet;
    }

    private static string Text(IEnumerable<TenantMigration> migrations) => string.Join(", ", migrations.Select(migration => $"{migration.Context} {migration.Id}"));

    private static string Text(TenantOperationResult result) => string.Join('\n', result.Outcomes.Select(outcome => $"{outcome.Tenant.Id} {outcome.Kind} {outcome.Error?.Message}"));

    // Everything that a statement could change: objects with the transaction that wrote them, and rows.
    private static async Task<object?> CatalogAsync(Fleet fleet)
    {
        const string sql = """
            SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
                SELECT 'n' || oid || ' ' || xmin::text || nspname FROM pg_namespace
                UNION ALL SELECT 'c' || oid || ' ' || relfilenode || ' ' || xmin::text FROM pg_class WHERE relkind <> 't' AND relnamespace <> 'pg_catalog'::regnamespace
                UNION ALL SELECT 'p' || oid || ' ' || xmin::text FROM pg_proc UNION ALL SELECT 't' || oid FROM pg_type
                UNION ALL SELECT 'p' || oid || ' ' || xmin::text FROM pg_trigger) AS lines (line)
            """;
        return await fleet.SqlAsync("t0", sql);
    }
}
