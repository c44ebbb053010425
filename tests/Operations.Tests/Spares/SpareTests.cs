using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Operations.Tests.Spares;

/// <summary>A tenant that was made ahead is nobody's, and then wholly somebody's.</summary>
public class SpareTests
{
    private static readonly Tenant Acme = new("acme") { Name = "Acme Inc.", Plan = "gold", Tags = ["beta"] };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<Kind> Kinds => ProvisioningTests.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_spare_is_made_and_nobodys_and_becomes_the_tenant_that_claims_it(Kind kind)
    {
        await using var fleet = await StartAsync(kind);
        var made = await fleet.Spares().KeepAsync(2, Cancelled);
        made.Count.ShouldBe(2);
        (await fleet.SparesAsync()).ShouldBe(made, ignoreOrder: true);
        foreach (var spare in made)
        {
            (await fleet.AskAsync(spare, "SELECT count(*) FROM \"Orders\"")).ShouldBe(0L, "it has its tables, and no seeds");
            await Should.ThrowAsync<TenantUnknownException>(async () => await fleet.Services.GetRequiredService<TenantAdmission>().AdmitAsync(spare.Id, Cancelled));
            (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(new Tenant(spare.Id), Cancelled))).Message.ShouldContain("spare");
            (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ResumeAsync(spare.Id, Cancelled))).Message.ShouldContain("ClaimAsync");
            (await Should.ThrowAsync<TenantOperationException>(() => fleet.Services.GetRequiredService<ITenantSeeder>().SeedAsync(spare, Cancelled))).Message.ShouldContain("spare");
        }

        var acme = await fleet.Spares().ClaimAsync(Acme, Cancelled);

        var left = (await fleet.SparesAsync()).ShouldHaveSingleItem();
        var taken = made.Single(spare => spare.Id != left.Id);
        acme.ShouldBe(Acme with { Placement = taken.Placement });
        (await fleet.FindAsync("acme")).ShouldBe(acme);
        (await fleet.FindAsync(taken.Id.Value)).ShouldBeNull();
        (await fleet.OrderAsync("acme", "tea")).ShouldBe(["EF's of acme", "first of acme", "tea"]);
        if (kind != Kind.Files)
        {
            (await fleet.MarkAsync(acme)).ShouldBe("Freehold tenant acme");
            (await fleet.MarkAsync(left)).ShouldBe($"Freehold spare {left.Id}");
        }

        // What the old id had is the new one's, and is dropped as that.
        await fleet.Provisioner.DropAsync(new Tenant("acme"), cancellationToken: Cancelled);
        (await fleet.AskAsync(left, "SELECT count(*) FROM \"Orders\"")).ShouldBe(0L);
        await Should.ThrowAsync<Exception>(() => fleet.AskAsync(acme, "SELECT count(*) FROM \"Orders\""));
        await fleet.DropAllAsync();
        (await fleet.SparesAsync()).ShouldBeEmpty();
        (await fleet.FindAsync(left.Id.Value)).ShouldBeNull("nobody ever heard of it");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Without_a_spare_for_it_a_tenant_is_provisioned_where_it_belongs(Kind kind)
    {
        await using var fleet = await StartAsync(kind);

        (await fleet.Spares().ClaimAsync(Acme, Cancelled)).ShouldBe(Acme);

        (await fleet.OrderAsync("acme", "tea")).ShouldContain("first of acme");
        (await Should.ThrowAsync<TenantConflictException>(() => fleet.Spares().ClaimAsync(Acme, Cancelled))).Message.ShouldContain("'acme'");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_claim_that_was_cut_off_is_finished_by_repeating_it(Kind kind)
    {
        await using var fleet = await StartAsync(kind);
        var spare = (await fleet.Spares().KeepAsync(1, Cancelled))[0];

        // Where the process dies as soon as the record is the tenant's.
        var placement = new TenantPlacement(spare.Placement!.Isolation);
        (await Atomic(fleet).ClaimSpareAsync(Acme with { Placement = placement }, Cancelled)).ShouldBe(spare);
        (await fleet.FindAsync("acme")).ShouldBe(Acme with { State = TenantState.Provisioning, Placement = spare.Placement });
        await Should.ThrowAsync<TenantUnavailableException>(async () => await fleet.Services.GetRequiredService<TenantAdmission>().AdmitAsync("acme", Cancelled));

        (await fleet.Spares().ClaimAsync(Acme, Cancelled)).ShouldBe(Acme with { Placement = spare.Placement });
        (await fleet.OrderAsync("acme", "tea")).ShouldBe(["EF's of acme", "first of acme", "tea"]);
        await fleet.DropAllAsync();
    }

    public static TheoryData<TenantState> Taken => [TenantState.Active, TenantState.Suspended, TenantState.Migrating, TenantState.Failed, TenantState.Deleted];

    [Theory, MemberData(nameof(Taken))]
    public async Task Who_signs_up_with_a_tenants_id_gets_nothing_of_it_and_changes_nothing(TenantState state)
    {
        await using var fleet = await StartAsync(Kind.Schemas);
        await fleet.Spares().KeepAsync(1, Cancelled);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        var acme = Acme with { State = state, Failure = state == TenantState.Failed ? "Migrating: no space left." : null };
        await fleet.Registry.UpdateAsync(acme, Cancelled);
        await fleet.SqlAsync("acme", "DELETE FROM \"__FreeholdSeeds\"");

        await Should.ThrowAsync<TenantConflictException>(() => fleet.Spares().ClaimAsync(new("acme") { Name = "Mallory" }, Cancelled));

        (await fleet.FindAsync("acme")).ShouldBe(acme);
        (await fleet.SqlAsync("acme", "SELECT count(*) FROM \"__FreeholdSeeds\"")).ShouldBe(0L);
        (await fleet.SparesAsync()).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_repair_of_a_migrated_tenant_that_fails_leaves_it_somebodys()
    {
        await using var fleet = await StartAsync(Kind.Schemas);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await fleet.SqlAsync("acme", "DELETE FROM \"__FreeholdSeeds\"");
        await fleet.Registry.UpdateAsync(Acme with { State = TenantState.Failed, Failure = "Migrating: no space left." }, Cancelled);
        fleet.Services.GetRequiredService<SeedSwitch>().Failures["FirstOrder"] = new InvalidOperationException("The supplier is closed.");

        await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));

        (await fleet.FindAsync("acme")).Failure!.ShouldStartWith("Migrating: ");
        await Should.ThrowAsync<TenantConflictException>(() => fleet.Spares().ClaimAsync(Acme, Cancelled));
    }

    [Theory]
    [InlineData(Kind.Schemas)]
    [InlineData(Kind.Databases)]
    public async Task A_claim_that_was_cut_off_can_be_dropped_and_takes_its_place_with_it(Kind kind)
    {
        await using var fleet = await StartAsync(kind);
        var spares = await fleet.Spares().KeepAsync(2, Cancelled);
        var taken = (await Atomic(fleet).ClaimSpareAsync(Acme with { Placement = new(spares[0].Placement!.Isolation) }, Cancelled))!;
        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(new("other") { Placement = taken.Placement }, cancellationToken: Cancelled)))
            .Message.ShouldContain("same place");

        (await fleet.Provisioner.DropAsync(new("acme"), cancellationToken: Cancelled)).WasThere.ShouldBeTrue();

        await Should.ThrowAsync<Exception>(() => fleet.AskAsync(taken, "SELECT count(*) FROM \"Orders\""));
        (await fleet.AskAsync(spares.Single(spare => spare.Id != taken.Id), "SELECT count(*) FROM \"Orders\"")).ShouldBe(0L);
        await fleet.DropAllAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_claim_whose_seed_fails_is_a_failed_tenant_and_repeating_finishes_it(Kind kind)
    {
        await using var fleet = await StartAsync(kind);
        await fleet.Spares().KeepAsync(1, Cancelled);
        var seeds = fleet.Services.GetRequiredService<SeedSwitch>();
        seeds.Failures["FirstOrder"] = new InvalidOperationException("The supplier is closed.");

        await Should.ThrowAsync<TenantOperationException>(() => fleet.Spares().ClaimAsync(Acme, Cancelled));

        var failed = await fleet.FindAsync("acme");
        failed.State.ShouldBe(TenantState.Failed);
        failed.Failure!.ShouldStartWith("Provisioning, seeds: ");
        failed.Failure.ShouldContain("The supplier is closed.");
        seeds.Failures.Clear();
        (await fleet.Spares().ClaimAsync(Acme, Cancelled)).State.ShouldBe(TenantState.Active);
        (await fleet.OrderAsync("acme", "tea")).ShouldContain("first of acme");
        await fleet.DropAllAsync();
    }

    [Theory]
    [InlineData(Kind.Schemas)]
    [InlineData(Kind.Files)]
    public async Task A_spare_that_was_left_unfinished_is_given_to_nobody_and_finished_by_the_next_call(Kind kind)
    {
        await using var fleet = await StartAsync(kind, tenancy => tenancy.AddDbContext<AuditDb>());
        await Should.ThrowAsync<TenantOperationException>(() => fleet.Spares().KeepAsync(1, Cancelled));
        var unfinished = (await fleet.SparesAsync()).ShouldHaveSingleItem();
        unfinished.Failure!.ShouldStartWith("Provisioning, migrations: ");
        var wanted = Acme with { Placement = new(unfinished.Placement!.Isolation) };
        (await Atomic(fleet).ClaimSpareAsync(wanted, Cancelled)).ShouldBeNull();

        await fleet.AskAsync(unfinished, AuditDb.OpenGate);
        (await fleet.Spares().KeepAsync(1, Cancelled)).ShouldHaveSingleItem().ShouldBe(unfinished with { Failure = null });
        (await Atomic(fleet).ClaimSpareAsync(wanted, Cancelled)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(Kind.Schemas)]
    [InlineData(Kind.Databases)]
    public async Task Spares_are_migrated_with_the_others_and_other_work_passes_them_over(Kind kind)
    {
        await using var fleet = await StartAsync(kind);
        await fleet.Spares().KeepAsync(1, Cancelled);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await using var later = await fleet.LaterAsync(tenancy => With(tenancy.UseTenants([.. fleet.Store.ListAsync().ToBlockingEnumerable()])
            .AddDbContext<ShopDb>().AddDbContext<StockDb>().AddSeed<ShopDb, FirstOrder>(1).AddOperations()));

        var plan = await later.Operations.PlanMigrationAsync(cancellationToken: Cancelled);
        plan.Tenants.Count.ShouldBe(2);
        (await later.Operations.MigrateAsync(plan, cancellationToken: Cancelled)).Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(2);

        (await later.AskAsync((await later.SparesAsync())[0], "SELECT count(*) FROM \"Parts\"")).ShouldBe(0L);
        (await later.Operations.PlanAsync("work", cancellationToken: Cancelled)).Tenants.ShouldHaveSingleItem().Id.ShouldBe(Acme.Id);
        (await later.Services.GetRequiredService<ITenantSeeder>().SeedAllAsync(cancellationToken: Cancelled)).Outcomes.ShouldHaveSingleItem().Tenant.Id.ShouldBe(Acme.Id);
        await later.DropAllAsync();
    }

    [Fact]
    public async Task Rows_that_migrations_wrote_for_a_spare_are_the_tenants_when_it_is_claimed()
    {
        await using var fleet = await Fleet.StartAsync(
            Kind.Schemas, tenancy => tenancy.IsolateBy(Isolation.Schema, Isolation.Row).AddDbContext<TariffDb>().AddOperations());
        await fleet.Spares().KeepAsync(1, Cancelled);

        var acme = await fleet.Spares().ClaimAsync(new("acme"), Cancelled);

        (await fleet.InAsync<TariffDb, string[]>("acme", db => db.Tariffs.Select(tariff => tariff.Name).ToArrayAsync(Cancelled))).ShouldBe(["basic"]);
        (await fleet.AskAsync(acme, """SELECT string_agg(tenant_id, ',') FROM (SELECT tenant_id FROM "Tariffs" UNION ALL SELECT tenant_id FROM "Rates") AS rows""")).ShouldBe("acme,acme");
    }

    [Fact]
    public async Task A_spare_that_was_claimed_after_the_plan_is_not_migrated_as_a_spare()
    {
        await using var earlier = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy
            .UsePostgresCatalog().IsolateBy(Isolation.Schema, Isolation.Row).AddDbContext<LedgerDb>().AddOperations());
        await using var later = await Fleet.StartAsync(
            Kind.Schemas,
            tenancy => tenancy.UsePostgresCatalog().IsolateBy(Isolation.Schema, Isolation.Row).AddDbContext<LedgerDb>().AddDbContext<TariffDb>().AddOperations(),
            earlier.ConnectionString);
        await earlier.Spares().KeepAsync(1, Cancelled);
        var plan = await later.Operations.PlanMigrationAsync(cancellationToken: Cancelled);
        await earlier.Spares().ClaimAsync(new("acme"), Cancelled);

        var refusal = (await later.Operations.MigrateAsync(plan, cancellationToken: Cancelled)).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error;

        refusal.ShouldBeOfType<TenantOperationException>().IsRetryable.ShouldBeTrue();
        refusal!.Message.ShouldContain("claimed");
        (await later.MigrateAsync()).ThrowIfFailed();
        (await later.InAsync<TariffDb, string[]>("acme", db => db.Tariffs.Select(tariff => tariff.Name).ToArrayAsync(Cancelled))).ShouldBe(["basic"]);
    }

    [Fact]
    public async Task By_row_there_is_nothing_to_make_ahead_and_a_claim_provisions()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<LedgerDb>().AddOperations());

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Spares().KeepAsync(1, Cancelled))).Message.ShouldContain("by row");

        (await fleet.Spares().ClaimAsync(new("acme"), Cancelled)).State.ShouldBe(TenantState.Active);
    }

    [Fact]
    public async Task A_list_that_cannot_give_one_away_to_one_alone_keeps_none_and_a_claim_provisions()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy =>
        {
            tenancy.Services.AddSingleton(new TestTenantStore());
            tenancy.UseTenantStore<TestTenantStore>().AddDbContext<ShopDb>().AddOperations();
        });

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Spares().KeepAsync(1, Cancelled))).Message.ShouldContain("IAtomicTenantRegistry");

        (await fleet.Spares().ClaimAsync(new("acme"), Cancelled)).State.ShouldBe(TenantState.Active);
    }

    [Fact]
    public async Task The_tenant_gets_a_role_of_its_own_and_the_spare_never_had_one()
    {
        await using var app = await RolesApp.StartAsync(hasRoles: true);
        var spare = (await app.Spares.KeepAsync(1, Cancelled))[0];
        (await app.SqlAsync($"SELECT count(*) FROM pg_roles WHERE rolname LIKE '{app.Prefix}spare%'")).ShouldBe(0L);

        (await app.Spares.ClaimAsync(new("acme"), Cancelled)).Placement.ShouldBe(spare.Placement);

        await app.ProbeAsync();
        (await app.InAsync("acme", db =>
        {
            db.Add(new Order { Item = "tea" });
            return db.SaveChangesAsync(Cancelled);
        })).ShouldBe(1);
        (await app.SqlAsync($"SELECT has_schema_privilege('{app.Prefix}acme', '{spare.Placement!.Schema}', 'USAGE')")).ShouldBe(true);
        (await app.SqlAsync($"SELECT has_schema_privilege('{app.Role}', '{spare.Placement.Schema}', 'USAGE')")).ShouldBe(false);
    }

    [Fact]
    public async Task Names_of_a_spare_are_no_tenants_whatever_the_templates()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy
            .ConfigureNaming(naming => (naming.SchemaTemplate, naming.AllowedCharacters, naming.MaxLength) = ("{id}_", "abcdefghijklmnopqrstuvwxyz0123456789_", 20))
            .AddDbContext<ShopDb>().AddOperations());

        var spare = (await fleet.Spares().KeepAsync(1, Cancelled))[0];
        var acme = await fleet.Spares().ClaimAsync(new("acme"), Cancelled);

        acme.Placement.ShouldBe(spare.Placement);
        (await fleet.OrderAsync("acme", "tea")).ShouldBe(["tea"]);
    }

    private static IAtomicTenantRegistry Atomic(Fleet fleet) => fleet.Registry.ShouldBeAssignableTo<IAtomicTenantRegistry>()!;

    private static Task<Fleet> StartAsync(Kind kind, Action<MultiTenancyBuilder>? configure = null) => Fleet.StartAsync(kind, tenancy =>
    {
        With(tenancy
            .AddDbContext<ShopDb>(options => options.UseAsyncSeeding(async (context, _, token) =>
            {
                var item = $"EF's of {context.GetService<ITenantContext>().Required.Id}";
                if (!await context.Set<Order>().AnyAsync(order => order.Item == item, token))
                {
                    context.Add(new Order { Item = item });
                    await context.SaveChangesAsync(token);
                }
            }))
            .AddSeed<ShopDb, FirstOrder>(1)
            .AddOperations());
        configure?.Invoke(tenancy);
    });

    private static MultiTenancyBuilder With(MultiTenancyBuilder tenancy)
    {
        tenancy.Services.AddSingleton<SeedSwitch>();
        return tenancy;
    }
}
