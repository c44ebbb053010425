using System.Collections.Concurrent;
using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.Configuration;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>Tenants that are out of service while they are migrated.</summary>
public class OutOfServiceTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_active_is_migrating_during_its_turn_and_then_active_again()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<ShopDb>());
        await fleet.Registry.UpdateAsync(new Tenant("t1") { State = TenantState.Suspended }, Cancelled);
        var states = new ConcurrentDictionary<string, TenantState>();
        var options = new TenantRunOptions
        {
            TakeOutOfService = true, AfterMigration = async (tenant, _, token) => states[tenant.Id.Value] = (await fleet.Store.FindAsync(tenant.Id, token))!.State,
        };

        (await fleet.MigrateAsync(options: options)).IsComplete.ShouldBeTrue();

        (states["t0"], states["t1"], states["t2"]).ShouldBe((TenantState.Migrating, TenantState.Suspended, TenantState.Migrating));
        (await StatesAsync(fleet)).ShouldBe("Active Suspended Active");
    }

    [Fact]
    public async Task Who_fails_is_failed_and_says_why_and_the_next_run_brings_it_back()
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<AuditDb>());
        await fleet.SqlAsync("t0", AuditDb.OpenGate);

        (await fleet.MigrateAsync(options: new() { TakeOutOfService = true })).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();

        (await StatesAsync(fleet)).ShouldBe("Active Failed");
        (await fleet.Store.FindAsync(TenantId.Parse("t1"), Cancelled))!.Failure!.ShouldContain("20260103000000_PastTheGate");
        await fleet.SqlAsync("t1", AuditDb.OpenGate);
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
        (await StatesAsync(fleet)).ShouldBe("Active Active");
        (await fleet.Store.FindAsync(TenantId.Parse("t1"), Cancelled))!.Failure.ShouldBeNull();
    }

    [Fact]
    public async Task Who_was_left_migrating_by_a_run_that_died_is_brought_back_by_the_next_also_where_nothing_is_pending()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<ShopDb>());
        await fleet.MigrateAsync(TenantSelection.Of("t0", "t2"));
        foreach (var id in new[] { "t0", "t1" })
        {
            await fleet.Registry.UpdateAsync(new Tenant(id) { State = TenantState.Migrating }, Cancelled);
        }

        var plan = await fleet.Operations.PlanMigrationAsync(TenantSelection.Of("t0"), cancellationToken: Cancelled);
        plan.IsEmpty.ShouldBeFalse();
        (await fleet.MigrateAsync()).Of(TenantOutcomeKind.Succeeded).Select(outcome => outcome.Tenant.Id.Value).ShouldBe(["t0", "t1"]);

        (await StatesAsync(fleet)).ShouldBe("Active Active Active");
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_is_suspended_during_its_turn_stays_so_and_who_is_stopped_between_two_migrations_stays_out_until_the_next_run()
    {
        await using var fleet = await SchemasAsync(2, tenancy => tenancy.AddDbContext<ShopDb>());
        using var stopping = new CancellationTokenSource();
        var options = new TenantRunOptions
        {
            TakeOutOfService = true,
            ParallelismPerServer = 1,
            AfterMigration = (tenant, _, token) => tenant.Id.Value == "t0"
                ? fleet.Registry.UpdateAsync(tenant with { State = TenantState.Suspended }, token)
                : stopping.CancelAsync(),
        };

        var result = await fleet.Operations.MigrateAsync(await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled), options, stopping.Token);

        result.Outcomes.Select(outcome => outcome.Kind).ShouldBe([TenantOutcomeKind.Succeeded, TenantOutcomeKind.Stopped]);
        (await StatesAsync(fleet)).ShouldBe("Suspended Migrating");
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
        (await StatesAsync(fleet)).ShouldBe("Suspended Active");
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_is_an_error_before_anything_is_done()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Tenants:t0:Name"] = "T" }).Build().GetSection("Tenants");
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UseTenants(section).AddDbContext<ShopDb>().AddOperations());
        await fleet.SqlAsync("t0", "CREATE SCHEMA tenant_t0");

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.MigrateAsync(options: new() { TakeOutOfService = true })))
            .Message.ShouldContain("TakeOutOfService");

        (await fleet.TablesAsync("t0")).ShouldBeEmpty();
        (await fleet.MigrateAsync()).IsComplete.ShouldBeTrue();
    }

    private static async Task<string> StatesAsync(Fleet fleet) => string.Join(' ', (await fleet.Store.ListAsync(Cancelled).ToListAsync(Cancelled)).OrderBy(tenant => tenant.Id.Value).Select(tenant => tenant.State));
}
