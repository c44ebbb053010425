using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Freehold.Operations.Tests;

public class ProvisioningTests
{
    private static readonly Tenant Acme = new("acme");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<Kind> Kinds => [Kind.Schemas, Kind.Databases, Kind.Files];

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_new_tenant_is_created_migrated_and_recorded_as_active(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());

        var tenant = await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);

        tenant.State.ShouldBe(TenantState.Active);
        (await fleet.Store.FindAsync(Acme.Id, Cancelled)).ShouldBe(tenant);
        (await fleet.TablesAsync("acme")).ShouldBe(["Orders", "__EFMigrationsHistory"], ignoreOrder: true);
        await AddOrderAsync(fleet, "acme", "tea");
        (await OrdersAsync(fleet, "acme")).ShouldBe(["tea"]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Provisioning_again_changes_nothing(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await AddOrderAsync(fleet, "acme", "tea");

        (await fleet.Provisioner.ProvisionAsync(Acme, Cancelled)).State.ShouldBe(TenantState.Active);
        (await fleet.Provisioner.MigrateAsync(Acme, Cancelled)).Applied.ShouldBeEmpty();
        (await OrdersAsync(fleet, "acme")).ShouldBe(["tea"]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_tenant_that_is_already_recorded_keeps_its_state(Kind kind)
    {
        var suspended = Acme with { State = TenantState.Suspended };
        await using var fleet = await Fleet.StartAsync(
            kind, tenancy => tenancy.UseTenants(suspended, new Tenant("globex")).AddDbContext<ShopDb>().AddOperations());

        (await fleet.Provisioner.ProvisionAsync(Acme, Cancelled)).ShouldBe(suspended);
        (await fleet.Provisioner.ProvisionAsync(new Tenant("globex"), Cancelled)).State.ShouldBe(TenantState.Active);

        (await fleet.Store.FindAsync(Acme.Id, Cancelled)).ShouldBe(suspended);
        (await fleet.TablesAsync("acme")).ShouldContain("Orders");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Two_tenants_have_tables_of_their_own(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await Task.WhenAll(
            fleet.Provisioner.ProvisionAsync(Acme, Cancelled),
            fleet.Provisioner.ProvisionAsync(new Tenant("globex"), Cancelled));

        await AddOrderAsync(fleet, "acme", "tea");
        await AddOrderAsync(fleet, "globex", "rum");

        (await OrdersAsync(fleet, "acme")).ShouldBe(["tea"]);
        (await OrdersAsync(fleet, "globex")).ShouldBe(["rum"]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_failed_migration_leaves_a_failed_tenant_that_says_why_and_repeating_repairs_it(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddDbContext<AuditDb>().AddOperations());

        var failure = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));

        failure.TenantId.ShouldBe(Acme.Id);
        failure.Message.ShouldContain("'acme'");
        failure.Message.ShouldContain("Gate");
        var failed = (await fleet.Store.FindAsync(Acme.Id, Cancelled))!;
        failed.State.ShouldBe(TenantState.Failed);
        failed.Failure.ShouldBe($"Provisioning, migrations: {failure.Message}");
        (await fleet.TablesAsync("acme")).ShouldNotContain("Halfway", "what the failed migration did is undone");
        (await fleet.Provisioner.GetPendingAsync(Acme, Cancelled)).ShouldContain(new TenantMigration("AuditDb", "20260103000000_PastTheGate"));

        await fleet.SqlAsync("acme", AuditDb.OpenGate);
        (await fleet.Provisioner.ProvisionAsync(Acme, Cancelled)).ShouldBe(failed with { State = TenantState.Active, Failure = null });
        (await fleet.TablesAsync("acme")).ShouldContain("Halfway");
        (await fleet.Provisioner.GetPendingAsync(Acme, Cancelled)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Provisioning_that_is_cancelled_midway_is_repaired_by_repeating(Kind kind)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy
            .AddDbContext<ShopDb>(options => options.UseAsyncSeeding(async (_, _, token) =>
            {
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
            }))
            .AddOperations());

        await Should.ThrowAsync<OperationCanceledException>(() => fleet.Provisioner.ProvisionAsync(Acme, cancellation.Token));
        (await fleet.Store.FindAsync(Acme.Id, Cancelled))!.State.ShouldBe(TenantState.Provisioning);

        (await fleet.Provisioner.ProvisionAsync(Acme, Cancelled)).State.ShouldBe(TenantState.Active);
        (await OrdersAsync(fleet, "acme")).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_migrations_seed_is_written_for_the_tenant_that_is_migrated(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy
            .AddDbContext<ShopDb>(options => options.UseAsyncSeeding(async (context, _, token) =>
            {
                context.Add(new Order { Item = context.GetService<ITenantContext>().Required.Id.Value });
                await context.SaveChangesAsync(token);
            }))
            .AddOperations());

        using (TenantScope.Enter(new Tenant("other")))
        {
            await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        }

        (await OrdersAsync(fleet, "acme")).ShouldBe(["acme"]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Two_contexts_with_a_migration_of_one_id_are_refused(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddDbContext<TwinDb>().AddOperations());

        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));

        refusal.Message.ShouldContain("MigrationsHistoryTable");
        (await fleet.Store.FindAsync(Acme.Id, Cancelled))!.State.ShouldBe(TenantState.Failed);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_context_with_tables_and_no_migrations_is_refused(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<BareDb>().AddOperations());

        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));

        refusal.Message.ShouldContain("dotnet ef migrations add");
        (await fleet.Store.FindAsync(Acme.Id, Cancelled))!.State.ShouldBe(TenantState.Failed);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Migrating_a_tenant_that_was_not_provisioned_is_refused_and_makes_nothing(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.UseTenants(Acme).AddDbContext<ShopDb>().AddOperations());

        var refusal = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.MigrateAsync(Acme, Cancelled));

        refusal.Message.ShouldContain("'acme'");
        refusal.Message.ShouldContain("Provision");
        (await fleet.ExistsAsync("acme")).ShouldBeFalse();
    }

    internal static Task<int> AddOrderAsync(Fleet fleet, string tenant, string item) => fleet.InAsync<ShopDb, int>(tenant, db =>
    {
        db.Add(new Order { Item = item });
        return db.SaveChangesAsync(Cancelled);
    });

    internal static Task<string[]> OrdersAsync(Fleet fleet, string tenant) =>
        fleet.InAsync<ShopDb, string[]>(tenant, db => db.Orders.Select(order => order.Item).ToArrayAsync(Cancelled));
}
