using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Freehold.Operations.Tests.Spares;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Operations.Tests;

/// <summary>A tenant's record says where it stands, whatever happened at which step.</summary>
public class LifecycleTests
{
    private static readonly Tenant Acme = new("acme") { Name = "Acme Inc.", Tags = ["beta"] };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<TenantState> Elsewhere => [TenantState.Provisioning, TenantState.Migrating, TenantState.Failed, TenantState.Spare, TenantState.Deleted];

    [Fact]
    public async Task A_suspended_tenant_is_refused_keeps_its_data_and_is_resumed()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UsePostgresCatalog().AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await fleet.OrderAsync("acme", "tea");

        (await fleet.Provisioner.SuspendAsync(Acme.Id, Cancelled)).ShouldBe(Acme with { State = TenantState.Suspended });
        (await fleet.Provisioner.SuspendAsync(Acme.Id, Cancelled)).ShouldBe(Acme with { State = TenantState.Suspended });
        var admission = fleet.Services.GetRequiredService<TenantAdmission>();
        await Should.ThrowAsync<TenantSuspendedException>(async () => await admission.AdmitAsync(Acme.Id, Cancelled));
        (await fleet.Provisioner.ProvisionAsync(new("acme"), Cancelled)).State.ShouldBe(TenantState.Suspended);

        (await fleet.Provisioner.ResumeAsync(Acme.Id, Cancelled)).ShouldBe(Acme);
        (await fleet.Provisioner.ResumeAsync(Acme.Id, Cancelled)).ShouldBe(Acme);
        (await admission.AdmitAsync(Acme.Id, Cancelled)).ShouldBe(Acme);
        (await fleet.OrderAsync("acme", "rum")).ShouldBe(["rum", "tea"]);
    }

    [Theory, MemberData(nameof(Elsewhere))]
    public async Task From_other_states_there_is_no_way_and_the_refusal_says_what_to_do(TenantState state)
    {
        var acme = Acme with { State = state, Placement = new(Isolation.Schema) { Schema = "somewhere" } };
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UseTenants(acme).AddDbContext<ShopDb>().AddOperations());

        foreach (var turn in new[] { fleet.Provisioner.SuspendAsync, fleet.Provisioner.ResumeAsync })
        {
            var refusal = await Should.ThrowAsync<TenantOperationException>(() => turn(Acme.Id, Cancelled));
            refusal.TenantId.ShouldBe(Acme.Id);
            refusal.Message.ShouldContain("'acme'");
            refusal.Message.ShouldContain($"is {state}");
            refusal.IsRetryable.ShouldBe(state == TenantState.Migrating);
        }

        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.SuspendAsync(TenantId.Parse("nobody"), Cancelled))).Message.ShouldContain("'nobody'");
        (await fleet.Store.FindAsync(Acme.Id, Cancelled)).ShouldBe(acme);
    }

    [Fact]
    public async Task Who_suspends_undoes_nothing_that_others_write_at_the_same_time()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UsePostgresCatalog().AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => i % 2 == 0 ? fleet.Provisioner.SuspendAsync(Acme.Id, Cancelled) : fleet.Provisioner.ResumeAsync(Acme.Id, Cancelled), Cancelled)));
        var dropping = fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                try
                {
                    while (!dropping.IsCompleted)
                    {
                        await fleet.Provisioner.SuspendAsync(Acme.Id, Cancelled);
                        await fleet.Provisioner.ResumeAsync(Acme.Id, Cancelled);
                    }
                }
                catch (TenantOperationException)
                {
                    // It is gone by now.
                }
            },
            Cancelled)));
        await dropping;

        (await fleet.FindAsync("acme")).ShouldBe(Acme with { State = TenantState.Deleted });
    }

    [Theory]
    [InlineData("shared tables")]
    [InlineData("place")]
    [InlineData("migrations")]
    [InlineData("seeds")]
    public async Task Whichever_step_fails_the_record_names_it_nobody_is_let_in_and_repeating_goes_on_from_there(string step)
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy =>
        {
            tenancy.Services.AddSingleton<SeedSwitch>();
            tenancy.UsePostgresCatalog().AddSharedDbContext<GeoDb>().AddDbContext<ShopDb>().AddDbContext<AuditDb>().AddSeed<ShopDb, FirstOrder>(1).AddOperations();
        });
        var seeds = fleet.Services.GetRequiredService<SeedSwitch>();
        await fleet.Provisioner.ProvisionAsync(new("other"), Cancelled).ContinueWith(_ => { }, TaskScheduler.Default);
        await fleet.SqlAsync("other", step switch
        {
            "shared tables" => "DELETE FROM shared.\"__EFMigrationsHistory\"; CREATE SCHEMA tenant_acme; CREATE TABLE tenant_acme.\"Gate\" (\"Id\" int)",
            "place" => "CREATE SCHEMA tenant_acme; CREATE TABLE tenant_acme.\"Gate\" (\"Id\" int)",
            "migrations" => "SELECT 1",
            _ => "CREATE SCHEMA tenant_acme; COMMENT ON SCHEMA tenant_acme IS 'Freehold tenant acme'; CREATE TABLE tenant_acme.\"Gate\" (\"Id\" int)",
        });
        seeds.Failures["FirstOrder"] = new InvalidOperationException("No: Host=db;Username=app;Password=hunter2; or postgres://app:hunter2@db/x.");

        var failure = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));

        var failed = await fleet.FindAsync("acme");
        failed.ShouldBe(Acme with { State = TenantState.Failed, Failure = failed.Failure });
        failed.Failure!.ShouldStartWith($"Provisioning, {step}: ");
        failed.Failure.ShouldNotContain("hunter2");
        var refusal = await Should.ThrowAsync<TenantUnavailableException>(async () => await fleet.Services.GetRequiredService<TenantAdmission>().AdmitAsync(Acme.Id, Cancelled));
        refusal.Message.ShouldNotContain(failed.Failure, Case.Sensitive, "that is for whoever reads records");
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Tenants.ShouldBeEmpty("neither has anything to be migrated in");

        // Mended, one step after the other.
        seeds.Failures.Clear();
        await fleet.SqlAsync("other", """
            DROP TABLE IF EXISTS shared."Countries";
            DO $$ BEGIN IF to_regnamespace('tenant_acme') IS NULL THEN CREATE SCHEMA tenant_acme; END IF; END $$;
            COMMENT ON SCHEMA tenant_acme IS 'Freehold tenant acme'; CREATE TABLE IF NOT EXISTS tenant_acme."Gate" ("Id" int);
            DELETE FROM shared."__EFMigrationsHistory";
            """);
        (await fleet.Provisioner.ProvisionAsync(Acme, Cancelled)).ShouldBe(Acme);
        (await fleet.OrderAsync("acme", "tea")).ShouldBe(["first of acme", "tea"]);
        seeds.Runs.ShouldBe(step == "seeds" ? 2 : 1);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_list_that_cannot_be_written_at_the_last_step_leaves_a_tenant_that_nobody_is_let_into(Kind kind)
    {
        var list = new TestTenantStore();
        await using var fleet = await Fleet.StartAsync(kind, tenancy =>
        {
            tenancy.Services.AddSingleton<SeedSwitch>().AddSingleton(list);
            tenancy.UseTenantStore<TestTenantStore>().AddDbContext<ShopDb>().AddSeed<ShopDb, FirstOrder>(1).AddOperations();
        });
        var seeds = fleet.Services.GetRequiredService<SeedSwitch>();
        var gate = new TaskCompletionSource();
        seeds.Gate = gate.Task;
        var provisioning = fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await seeds.Started.WaitAsync(Cancelled);
        list.IsDown = true;
        gate.SetResult();

        (await Should.ThrowAsync<TenantOperationException>(() => provisioning)).Message.ShouldContain("'acme'");

        list.IsDown = false;
        (await fleet.FindAsync("acme")).ShouldBe(Acme with { State = TenantState.Provisioning });
        (await fleet.Provisioner.ProvisionAsync(Acme, Cancelled)).ShouldBe(Acme);
        seeds.Runs.ShouldBe(1, "what was done is not done again");
    }

    [Fact]
    public async Task A_tenant_whose_migration_out_of_service_failed_or_was_killed_is_let_in_when_it_has_what_it_lacks()
    {
        foreach (var state in new[] { TenantState.Failed, TenantState.Migrating })
        {
            await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
            await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
            await fleet.Registry.UpdateAsync(Acme with { State = state, Failure = state == TenantState.Failed ? "Migrating: no space left." : null }, Cancelled);
            (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Tenants.ShouldHaveSingleItem();

            (await fleet.Provisioner.ProvisionAsync(Acme, Cancelled)).ShouldBe(Acme);
        }
    }

    [Fact]
    public async Task Tenants_are_chosen_by_tag_and_state()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UseTenants(
                new("a") { Tags = ["beta", "eu"] }, new("b") { Tags = ["eu"], State = TenantState.Suspended }, new("c") { Tags = ["us"] },
                new("d") { Tags = ["eu"], State = TenantState.Failed, Failure = "Provisioning, seeds: no." }, new("e") { Tags = ["eu"], State = TenantState.Deleted })
            .AddDbContext<ShopDb>().AddOperations());

        (await IdsAsync(new() { Tags = ["eu"] })).ShouldBe("a,b");
        (await IdsAsync(new() { Tags = ["beta", "us"] })).ShouldBe("a,c");
        (await IdsAsync(new() { States = [TenantState.Suspended] })).ShouldBe("b");
        (await IdsAsync(new() { States = [TenantState.Failed, TenantState.Provisioning] })).ShouldBe("d");
        (await Should.ThrowAsync<TenantOperationException>(() => IdsAsync(TenantSelection.Of("d")))).Message.ShouldContain("Provisioning, seeds: no.");
        (await Should.ThrowAsync<TenantOperationException>(() => IdsAsync(TenantSelection.Of("e")))).Message.ShouldContain("Deleted");
        (await Should.ThrowAsync<TenantOperationException>(() => IdsAsync(TenantSelection.Of("x")))).Message.ShouldContain("not on the list");

        async Task<string> IdsAsync(TenantSelection tenants) => string.Join(',', (await fleet.Operations.PlanAsync("look", tenants, Cancelled)).Tenants.Select(tenant => tenant.Id));
    }

    public static TheoryData<Kind> Kinds => ProvisioningTests.Kinds;
}
