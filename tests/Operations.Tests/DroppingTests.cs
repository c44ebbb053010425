using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using static Freehold.Operations.Tests.ProvisioningTests;

namespace Freehold.Operations.Tests;

public class DroppingTests
{
    private static readonly Tenant Acme = new("acme");
    private static readonly Tenant Globex = new("globex");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<Kind> Kinds => ProvisioningTests.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_dropped_tenant_is_out_of_service_and_gone_and_its_neighbour_is_as_before(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await fleet.Provisioner.ProvisionAsync(Globex, Cancelled);
        await AddOrderAsync(fleet, "acme", "tea");
        await AddOrderAsync(fleet, "globex", "rum");

        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);

        (await fleet.ExistsAsync("acme")).ShouldBeFalse();
        (await fleet.Store.FindAsync(Acme.Id, Cancelled))!.State.ShouldBe(TenantState.Deleted);
        (await OrdersAsync(fleet, "globex")).ShouldBe(["rum"]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_deleted_id_is_not_given_away_until_its_record_is_removed_and_then_starts_empty(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await AddOrderAsync(fleet, "acme", "tea");
        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);

        var refusal = await Should.ThrowAsync<TenantConflictException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));
        refusal.Message.ShouldContain("RemoveAsync");
        (await fleet.ExistsAsync("acme")).ShouldBeFalse();

        await fleet.Registry.RemoveAsync(Acme.Id, Cancelled);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        (await OrdersAsync(fleet, "acme")).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Dropping_what_was_never_there_is_not_an_error(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.UseTenants(Globex).AddDbContext<ShopDb>().AddOperations());

        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        await fleet.Provisioner.DropAsync(Globex, cancellationToken: Cancelled);

        (await fleet.Store.FindAsync(Acme.Id, Cancelled)).ShouldBeNull();
        (await fleet.Store.FindAsync(Globex.Id, Cancelled))!.State.ShouldBe(TenantState.Deleted);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_place_that_another_tenant_uses_is_neither_taken_nor_dropped(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());

        // A place by name: where convention puts another tenant, no record can point at all.
        var name = $"Old {Guid.NewGuid():N}.db";
        var placement = kind == Kind.Schemas
            ? new TenantPlacement(Isolation.Schema) { Schema = name }
            : new TenantPlacement(Isolation.Database) { Database = name };
        var owner = Acme with { Placement = placement };
        await fleet.Provisioner.ProvisionAsync(owner, Cancelled);
        await AddOrderAsync(fleet, "acme", "tea");
        var intruder = new Tenant("intruder") { Placement = placement };

        var taken = await Should.ThrowAsync<TenantConflictException>(() => fleet.Provisioner.ProvisionAsync(intruder, Cancelled));
        taken.Message.ShouldContain("'acme'");
        (await fleet.Store.FindAsync(intruder.Id, Cancelled)).ShouldBeNull();

        await fleet.Registry.AddAsync(intruder, Cancelled);
        foreach (var tenant in new[] { intruder, owner })
        {
            var refusal = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(tenant, cancellationToken: Cancelled));
            refusal.Message.ShouldContain("same place");
            (await fleet.Store.FindAsync(tenant.Id, Cancelled))!.State.ShouldBe(TenantState.Active);
        }

        (await OrdersAsync(fleet, "acme")).ShouldBe(["tea"]);
        await fleet.Registry.RemoveAsync(intruder.Id, Cancelled);
        await fleet.Provisioner.DropAsync(owner, cancellationToken: Cancelled);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task What_a_drop_left_behind_is_not_the_next_tenants_of_that_id(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(
            kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations(options => options.LockTimeout = TimeSpan.FromMilliseconds(100)));
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await AddOrderAsync(fleet, "acme", "tea");
        await LeaveBehindAsync(fleet, kind);
        (await fleet.ExistsAsync("acme")).ShouldBeTrue();
        await fleet.Registry.RemoveAsync(Acme.Id, Cancelled);

        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled))).Message.ShouldContain("DropAsync");

        (await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled)).WasThere.ShouldBeTrue();
        await fleet.Registry.RemoveAsync(Acme.Id, Cancelled);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        (await OrdersAsync(fleet, "acme")).ShouldBeEmpty();
    }

    // As where a drop fails, or its process dies, after the record says that the tenant is deleted.
    private static async Task LeaveBehindAsync(Fleet fleet, Kind kind)
    {
        if (kind == Kind.Files)
        {
            // What has the name of its journal and cannot be deleted.
            var hindrance = Directory.CreateDirectory(Path.Combine(fleet.Directory, "acme.db-journal"));
            await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled));
            hindrance.Delete();
            return;
        }

        await using var connection = await fleet.ConnectAsync("acme");
        await using var command = connection.CreateCommand();
        command.CommandText = kind == Kind.Databases ? $"ALTER DATABASE \"{connection.Database}\" IS_TEMPLATE true" : "BEGIN; SELECT count(*) FROM \"Orders\"";
        await command.ExecuteNonQueryAsync(Cancelled);
        await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled));
        if (kind == Kind.Databases)
        {
            await fleet.SqlAsync("acme", $"ALTER DATABASE \"{connection.Database}\" IS_TEMPLATE false");
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_placement_other_than_the_recorded_one_is_refused(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        var elsewhere = Acme with
        {
            Placement = kind == Kind.Schemas
                ? new TenantPlacement(Isolation.Schema) { Schema = "Other" }
                : new TenantPlacement(Isolation.Database) { Database = "Other" },
        };

        var refusal = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(elsewhere, cancellationToken: Cancelled));

        refusal.Message.ShouldContain("placement");
        (await fleet.ExistsAsync("acme")).ShouldBeTrue();
    }
}
