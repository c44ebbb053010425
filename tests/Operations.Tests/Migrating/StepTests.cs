using Freehold.Operations.Places;
using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Npgsql;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>What of a migration can be interrupted, held up, or left behind.</summary>
public class StepTests
{
    private const string Marks = """SELECT string_agg("Text", ' ' ORDER BY "Text") FROM "Marks" """;
    private const string Indexes = """SELECT string_agg(c.relname || ' ' || i.indisvalid, ', ') FROM pg_index i JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = '"Parts"'::regclass AND NOT indisprimary""";
    private const string Steps = "SELECT string_agg(schema || ' ' || step || ' ' || is_done, ', ' ORDER BY schema, step) FROM freehold_operations.migration_steps";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_concurrent_index_that_failed_is_dirty_and_the_next_run_drops_and_builds_it_and_repeats_nothing_else()
    {
        await using var fleet = await BeforeTheIndexAsync(2);
        await fleet.SqlAsync("t1", """INSERT INTO "Parts" VALUES (gen_random_uuid(), 7), (gen_random_uuid(), 7)""");

        var failed = (await fleet.MigrateAsync()).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();

        failed.Tenant.Id.Value.ShouldBe("t1");
        failed.Error!.Message.ShouldContain("20260602000000_PartsByNumber");
        (await fleet.SqlAsync("t1", Indexes)).ShouldBe("IX_Parts_Number false");
        (await fleet.SqlAsync("t1", Steps)).ShouldBe("tenant_t1 0 true, tenant_t1 1 false");
        var status = (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Tenants;
        status.Select(tenant => (tenant.IsDirty, tenant.Pending.Count)).ShouldBe([(false, 0), (true, 1)]);

        await fleet.SqlAsync("t1", """DELETE FROM "Parts" """);
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();

        (await fleet.SqlAsync("t1", Indexes)).ShouldBe("IX_Parts_Number true");
        (await fleet.SqlAsync("t1", Marks)).ShouldBe("after before");
        (await fleet.SqlAsync("t1", Steps)).ShouldBe(DBNull.Value);
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_step_that_was_done_when_its_process_died_is_not_an_error()
    {
        await using var fleet = await BeforeTheIndexAsync(2);
        await fleet.SqlAsync("t1", """INSERT INTO "Parts" VALUES (gen_random_uuid(), 7), (gen_random_uuid(), 7)""");
        await fleet.MigrateAsync();
        await fleet.SqlAsync("t1", """DELETE FROM "Parts"; REINDEX INDEX "IX_Parts_Number" """);
        (await fleet.SqlAsync("t1", Indexes)).ShouldBe("IX_Parts_Number true", "as if it had been killed between the index and its record");

        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();

        (await fleet.SqlAsync("t1", Marks)).ShouldBe("after before");
        (await fleet.SqlAsync("t1", Indexes)).ShouldBe("IX_Parts_Number true");
    }

    [Fact]
    public async Task A_step_that_was_begun_and_whose_table_is_missing_is_not_done()
    {
        await using var fleet = await BeforeTheIndexAsync(1);
        await fleet.SqlAsync("t0", """INSERT INTO "Parts" VALUES (gen_random_uuid(), 7), (gen_random_uuid(), 7)""");
        await fleet.MigrateAsync();
        await fleet.SqlAsync("t0", """DROP TABLE "Parts" """);

        var failed = (await fleet.MigrateAsync()).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();

        failed.Error!.Message.ShouldContain("Parts");
        (await fleet.SqlAsync("t0", Steps)).ShouldBe("tenant_t0 0 true, tenant_t0 1 false");
    }

    [Fact]
    public async Task An_index_that_is_already_there_and_no_step_of_ours_is_an_error()
    {
        await using var fleet = await BeforeTheIndexAsync(1);
        await fleet.SqlAsync("t0", """CREATE INDEX "IX_Parts_Number" ON "Parts" ("Id")""");

        for (var run = 0; run < 2; run++)
        {
            (await fleet.MigrateAsync()).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error!.Message.ShouldContain("IX_Parts_Number");
        }
    }

    [Fact]
    public async Task Sixteen_migrators_of_the_same_tenants_at_once_apply_each_step_once()
    {
        var rounds = Environment.GetEnvironmentVariable("FREEHOLD_SOAK") == "1" ? 20 : 1;
        for (var round = 0; round < rounds; round++)
        {
            await using var first = await SchemasAsync(4, tenancy => tenancy.AddDbContext<StockDb>());
            var others = await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => first.LaterAsync(tenancy => tenancy.UseTenants(Tenants(4)).AddDbContext<StockDb>().AddOperations())));

            var results = await Task.WhenAll(others.Append(first).Select(fleet => Task.Run(() => fleet.MigrateAsync(options: new() { ParallelismPerServer = 2 }))));

            results.ShouldAllBe(result => result.IsComplete, string.Join('\n', results.SelectMany(result => result.Of(TenantOutcomeKind.Failed)).Select(outcome => outcome.Error)));
            results.SelectMany(result => result.Of(TenantOutcomeKind.Succeeded)).SelectMany(outcome => outcome.Applied.Select(_ => outcome.Tenant.Id)).Count().ShouldBe(8);
            foreach (var tenant in Tenants(4))
            {
                (await first.SqlAsync(tenant.Id.Value, Marks)).ShouldBe("after before");
                (await first.SqlAsync(tenant.Id.Value, Indexes)).ShouldBe("IX_Parts_Number true");
            }

            (await first.SqlAsync("t0", Steps)).ShouldBe(DBNull.Value);
            foreach (var fleet in others)
            {
                await fleet.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Who_reads_a_table_holds_its_migration_up_and_the_migration_holds_up_nobody()
    {
        await using var fleet = await SchemasAsync(
            1, tenancy => tenancy.AddDbContext<ShopDb>(), options => options.TableLockTimeout = TimeSpan.FromMilliseconds(50));
        await fleet.SqlAsync("t0", OrdersAlone);
        await using var reader = await fleet.ConnectAsync("t0");
        await using var reading = reader.CreateCommand();
        reading.CommandText = """BEGIN; SELECT * FROM "Orders"; LOCK TABLE "Orders" IN ROW EXCLUSIVE MODE""";
        await reading.ExecuteNonQueryAsync(Cancelled);

        var run = fleet.MigrateAsync();
        for (var tries = 0; tries < 2; tries++)
        {
            // Whoever comes while the migration waits gets in as soon as it lets go.
            while ((long)(await fleet.SqlAsync("t0", "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '\"Orders\"'::regclass"))! == 0)
            {
                run.IsCompleted.ShouldBeFalse();
            }

            await fleet.SqlAsync("t0", """SET statement_timeout = '20s'; BEGIN; LOCK TABLE "Orders" IN ROW EXCLUSIVE MODE; COMMIT""");
        }

        run.IsCompleted.ShouldBeFalse();
        reading.CommandText = "COMMIT";
        await reading.ExecuteNonQueryAsync(Cancelled);
        (await run).IsComplete.ShouldBeTrue();
    }

    [Fact]
    public async Task A_table_that_stays_in_use_is_a_retryable_failure()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<ShopDb>(), options =>
        {
            options.TableLockTimeout = TimeSpan.FromMilliseconds(20);
            options.LockTimeout = TimeSpan.FromMilliseconds(100);
        });
        await fleet.SqlAsync("t0", OrdersAlone);
        await using var writer = await fleet.ConnectAsync("t0");
        await using var writing = writer.CreateCommand();
        writing.CommandText = """BEGIN; LOCK TABLE "Orders" IN ROW EXCLUSIVE MODE""";
        await writing.ExecuteNonQueryAsync(Cancelled);

        var failed = (await fleet.MigrateAsync()).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();

        failed.Error.ShouldBeOfType<TenantOperationException>().IsRetryable.ShouldBeTrue();
        failed.Error!.Message.ShouldContain("20260102000000_OrdersByItem");
    }

    [Fact]
    public async Task A_backend_that_still_works_for_a_killed_migrator_keeps_the_next_one_out()
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<ShopDb>(), options => options.LockTimeout = TimeSpan.FromMilliseconds(100));
        await using var orphan = (NpgsqlConnection)await fleet.ConnectAsync("t1");
        (await AdvisoryLock.TryAsync(orphan, AdvisoryLock.WorkKey(orphan.Database, "tenant_t1"), Cancelled)).ShouldBeTrue();

        var result = await fleet.MigrateAsync();

        result.Of(TenantOutcomeKind.Succeeded).ShouldHaveSingleItem().Tenant.Id.Value.ShouldBe("t0");
        result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error.ShouldBeOfType<TenantOperationException>().IsRetryable.ShouldBeTrue();
        (await fleet.TablesAsync("t1")).ShouldBeEmpty();
        await orphan.CloseAsync();
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
    }

    [Fact]
    public async Task What_one_tenants_migration_leaves_in_the_session_does_not_meet_the_next()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<UntidyDb>());

        var result = await fleet.MigrateAsync(options: new() { ParallelismPerServer = 1 });

        result.IsComplete.ShouldBeTrue(string.Join('\n', result.Outcomes.Select(outcome => outcome.Error?.Message)));
        (await fleet.SqlAsync("t2", """SELECT "Text" FROM "Words" """)).ShouldBe("1");
    }

    [Fact]
    public async Task A_label_of_an_enum_and_a_migration_that_uses_it_are_committed_one_after_the_other()
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<LabelDb>());
        await fleet.SqlAsync("t0", "CREATE TYPE types.colour AS ENUM ('red')");

        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();

        (await fleet.SqlAsync("t1", """SELECT "Colour"::text FROM "Colours" """)).ShouldBe("blue");
    }

    // ShopDb with its first migration only.
    private const string OrdersAlone = """
        CREATE TABLE "Orders" ("Id" uuid PRIMARY KEY, "Item" text NOT NULL);
        CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL);
        INSERT INTO "__EFMigrationsHistory" VALUES ('20260101000000_Orders', '10.0.0');
        """;

    // StockDb with its first migration only.
    private static async Task<Fleet> BeforeTheIndexAsync(int count)
    {
        var fleet = await SchemasAsync(count, tenancy => tenancy.AddDbContext<StockDb>());
        foreach (var tenant in Tenants(count))
        {
            await fleet.SqlAsync(tenant.Id.Value, """
                CREATE TABLE "Parts" ("Id" uuid PRIMARY KEY, "Number" int NOT NULL); CREATE TABLE "Marks" ("Text" text NOT NULL);
                CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL);
                INSERT INTO "__EFMigrationsHistory" VALUES ('20260601000000_Parts', '10.0.0');
                """);
        }

        return fleet;
    }
}
