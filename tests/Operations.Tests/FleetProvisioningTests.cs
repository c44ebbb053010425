using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests;

/// <summary>Many tenants provisioned in one run.</summary>
public class FleetProvisioningTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Kind.Schemas)]
    [InlineData(Kind.Databases)]
    [InlineData(Kind.Rows)]
    [InlineData(Kind.Files)]
    public async Task All_become_active_with_their_tables_and_who_was_ready_is_left_alone(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => Configure(tenancy, kind));
        await fleet.Provisioner.ProvisionAsync(new Tenant("t1"), Cancelled);
        await fleet.Provisioner.SuspendAsync(TenantId.Parse("t1"), Cancelled);

        var result = await fleet.Operations.ProvisionAsync([.. Tenants(4), new Tenant("asleep") { State = TenantState.Suspended, Tags = ["beta"] }], cancellationToken: Cancelled);

        result.ThrowIfFailed();
        result.Of(TenantOutcomeKind.NothingToDo).Select(outcome => outcome.Tenant.Id.Value).ShouldBe(["t1"]);
        result.Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(4);
        foreach (var (id, state) in new[] { ("t0", TenantState.Active), ("t1", TenantState.Suspended), ("t3", TenantState.Active), ("asleep", TenantState.Suspended) })
        {
            (await fleet.Store.FindAsync(TenantId.Parse(id), Cancelled))!.State.ShouldBe(state, id);
        }

        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).IsEmpty.ShouldBeTrue();
        if (kind == Kind.Schemas)
        {
            (await fleet.SqlAsync("t2", "SELECT obj_description('tenant_t2'::regnamespace)")).ShouldBe("Freehold tenant t2");
            (await fleet.Services.GetRequiredService<ITenantDrift>().CompareAsync(Cancelled)).HasDrift.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task New_tenants_of_one_place_of_rows_make_it_once_whoever_comes_first()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Rows, tenancy => Configure(tenancy, Kind.Rows));

        var result = await fleet.Operations.ProvisionAsync(Tenants(8), new() { ParallelismPerServer = 8 }, Cancelled);

        result.ThrowIfFailed();
        result.Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(8);
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_run_that_is_stopped_finishes_the_statement_that_runs_and_begins_nobody_else()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<WaitingDb>().AddOperations());

        // Where the schema is there, it is not made at once.
        await fleet.SqlAsync("t0", "CREATE SCHEMA tenant_t0");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task<TenantOperationResult> run;
        await using (var holder = (NpgsqlConnection)await fleet.ConnectAsync("t0"))
        {
            await using var taking = new NpgsqlCommand($"SELECT pg_advisory_lock({WaitingDb.Lock})", holder);
            await taking.ExecuteNonQueryAsync(Cancelled);
            run = fleet.Operations.ProvisionAsync(Tenants(2), new() { ParallelismPerServer = 1 }, stop.Token);
            while (await fleet.SqlAsync("t0", $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = {WaitingDb.Lock}") is 0L)
            {
                run.IsCompleted.ShouldBeFalse();
            }

            await stop.CancelAsync();
        }

        (await run).Outcomes.Select(outcome => outcome.Kind).ShouldBe([TenantOutcomeKind.Succeeded, TenantOutcomeKind.NotBegun]);
        (await fleet.Store.FindAsync(TenantId.Parse("t0"), Cancelled))!.State.ShouldBe(TenantState.Active);
        (await fleet.TablesAsync("t0")).ShouldContain("Waits");
    }

    [Fact]
    public async Task A_new_schema_is_one_round_trip_on_few_connections()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => Configure(tenancy, Kind.Schemas));

        // The first one makes the schema of types, which takes more than that.
        await fleet.Provisioner.ProvisionAsync(new Tenant("first"), Cancelled);
        var before = await SessionsAsync(fleet);
        (await fleet.Operations.ProvisionAsync(Tenants(30), new() { ParallelismPerServer = 2 }, Cancelled)).ThrowIfFailed();

        (await SessionsAsync(fleet) - before).ShouldBeLessThan(12);
    }

    [Fact]
    public async Task Who_fails_is_recorded_as_failed_and_repeating_finishes_them_and_the_others_are_not_held_up()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => Configure(tenancy, Kind.Schemas));
        await fleet.Provisioner.ProvisionAsync(new Tenant("first"), Cancelled);
        await fleet.SqlAsync("first", "CREATE SCHEMA tenant_t1; CREATE TABLE tenant_t1.somebody_elses (id int)");

        var result = await fleet.Operations.ProvisionAsync(Tenants(3), cancellationToken: Cancelled);

        var failed = result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();
        failed.Tenant.Id.Value.ShouldBe("t1");
        failed.Error!.Message.ShouldContain("tenant_t1");
        (await fleet.Store.FindAsync(failed.Tenant.Id, Cancelled))!.State.ShouldBe(TenantState.Failed);

        await fleet.SqlAsync("first", "DROP TABLE tenant_t1.somebody_elses");
        var again = await fleet.Operations.ProvisionAsync(Tenants(3), cancellationToken: Cancelled);
        again.ThrowIfFailed();
        again.Of(TenantOutcomeKind.NothingToDo).Count().ShouldBe(2);
        (await fleet.Store.FindAsync(failed.Tenant.Id, Cancelled))!.State.ShouldBe(TenantState.Active);
    }

    [Fact]
    public async Task Two_tenants_in_one_place_and_one_twice_are_refused()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => Configure(tenancy, Kind.Schemas));
        var place = new TenantPlacement(Isolation.Schema) { Schema = "same" };

        var result = await fleet.Operations.ProvisionAsync([new("a") { Placement = place }, new("b") { Placement = place }], new() { ParallelismPerServer = 1 }, Cancelled);

        result.Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(1);
        result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error.ShouldBeOfType<TenantConflictException>();
        (await Should.ThrowAsync<ArgumentException>(() => fleet.Operations.ProvisionAsync([new("c"), new("c")], cancellationToken: Cancelled))).Message.ShouldContain("'c'");
        (await fleet.Store.FindAsync(TenantId.Parse("c"), Cancelled)).ShouldBeNull();
    }

    [Fact]
    public async Task Who_came_into_a_file_after_the_run_began_is_seen()
    {
        var place = new TenantPlacement(Isolation.Database) { Database = "Old.db" };
        Fleet? fleet = null;
        await using var started = fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations().PlaceBy(tenant =>
        {
            if (tenant.Id == TenantId.Parse("late"))
            {
                fleet!.Registry.AddAsync(new("owner") { Placement = place }, Cancelled).GetAwaiter().GetResult();
            }

            return new(Isolation.Database);
        }));

        var result = await fleet.Operations.ProvisionAsync([new("intruder") { Placement = place }, new("late")], cancellationToken: Cancelled);

        result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error.ShouldBeOfType<TenantConflictException>().Message.ShouldContain("'owner'");
        (await fleet.Store.FindAsync(TenantId.Parse("intruder"), Cancelled)).ShouldBeNull();
    }

    [Fact]
    public async Task Another_role_migrates_and_the_applications_role_can_use_what_was_made()
    {
        await using var app = await RolesApp.StartAsync();
        await app.Provisioner.ProvisionAsync(new Tenant("first"), Cancelled);

        (await app.Operations.ProvisionAsync(Tenants(3), cancellationToken: Cancelled)).ThrowIfFailed();

        (await app.InAsync("t2", shop => Task.FromResult(shop.Orders.Count()))).ShouldBe(0);
    }

    private static void Configure(MultiTenancyBuilder tenancy, Kind kind) => _ = kind == Kind.Rows
        ? tenancy.AddDbContext<LedgerDb>().AddOperations()
        : tenancy.AddDbContext<ShopDb>().AddOperations();

    private static async Task<long> SessionsAsync(Fleet fleet) =>
        (long)(await fleet.SqlAsync("first", "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"))!;
}
