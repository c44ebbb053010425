using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Freehold.Operations.Tests.Seeding;

/// <summary>Each seed is applied to each tenant once, as a whole, and the tenant's own place remembers it.</summary>
public sealed class SeedingTests
{
    private static readonly Tenant Acme = new("acme");

    private static readonly Tenant Globex = new("globex");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<Kind> Kinds => [Kind.Schemas, Kind.Databases, Kind.Files];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Seeds_are_applied_once_in_the_order_of_their_versions_inside_the_tenant(Kind kind)
    {
        await using var fleet = await StartAsync(kind, tenancy => tenancy.AddSeed<ShopDb, SecondOrder>(20).AddSeed<ShopDb, FirstOrder>(10), Acme, Globex);
        var seeder = SeederOf(fleet);
        TenantSeed[] both = [new("ShopDb", 10, "FirstOrder"), new("ShopDb", 20, "SecondOrder")];
        (await seeder.GetPendingAsync(Acme, Cancelled)).ShouldBe(both);
        (await fleet.TablesAsync("acme")).ShouldNotContain("__FreeholdSeeds", "to look changes nothing");

        (await seeder.SeedAsync(Acme, Cancelled)).Applied.ShouldBe(both);

        (await seeder.SeedAsync(Acme, Cancelled)).Applied.ShouldBeEmpty();
        (await seeder.GetPendingAsync(Acme, Cancelled)).ShouldBeEmpty();
        (await OrdersAsync(fleet, Acme)).ShouldBe(["first of acme", "second of acme"]);
        (await OrdersAsync(fleet, Globex)).ShouldBeEmpty();
        var all = await seeder.SeedAllAsync(cancellationToken: Cancelled);
        all.Outcomes.Select(outcome => outcome.Kind).ShouldBe([TenantOutcomeKind.NothingToDo, TenantOutcomeKind.Succeeded]);
        (await OrdersAsync(fleet, Globex)).ShouldBe(["first of globex", "second of globex"]);
        (await OrdersAsync(fleet, Acme)).Count.ShouldBe(2);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_seed_that_fails_leaves_nothing_and_the_error_names_it_and_the_tenant(Kind kind)
    {
        await using var fleet = await StartAsync(kind, tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(1).AddSeed<ShopDb, SecondOrder>(2).AddSeed<ShopDb, DemoOrder>(3), Acme);
        var switches = fleet.Services.GetRequiredService<SeedSwitch>();
        switches.Failures["SecondOrder"] = new InvalidOperationException("The supplier is closed.");

        var failure = await Should.ThrowAsync<TenantOperationException>(() => SeederOf(fleet).SeedAsync(Acme, Cancelled));

        failure.TenantId.ShouldBe(Acme.Id);
        failure.Message.ShouldContain("'acme'");
        failure.Message.ShouldContain("seed 2 'SecondOrder'");
        failure.Message.ShouldContain("The supplier is closed.");
        (await OrdersAsync(fleet, Acme)).ShouldBe(["first of acme"]);
        (await SeederOf(fleet).GetPendingAsync(Acme, Cancelled)).Select(seed => seed.Version).ShouldBe([2, 3]);
        (await SeederOf(fleet).SeedAllAsync(cancellationToken: Cancelled)).Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem().Error!.Message.ShouldContain("SecondOrder");

        switches.Failures.Clear();
        (await SeederOf(fleet).SeedAsync(Acme, Cancelled)).Applied.Select(seed => seed.Version).ShouldBe([2, 3]);
        (await OrdersAsync(fleet, Acme)).ShouldBe(["demo", "first of acme", "second of acme"]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_rule_of_the_database_that_a_seed_breaks_undoes_it(Kind kind)
    {
        await using var fleet = await StartAsync(kind, tenancy => tenancy.AddSeed<ShopDb, TwiceTheSame>(1), Acme);

        var failure = await Should.ThrowAsync<TenantOperationException>(() => SeederOf(fleet).SeedAsync(Acme, Cancelled));

        failure.Message.ShouldContain("TwiceTheSame");
        failure.Message.ShouldContain("Orders", Case.Sensitive, "the database's own words");
        (await OrdersAsync(fleet, Acme)).ShouldBeEmpty();
        (await SeederOf(fleet).GetPendingAsync(Acme, Cancelled)).ShouldHaveSingleItem();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Many_runs_at_once_seed_once(Kind kind)
    {
        await using var fleet = await StartAsync(kind, tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(1).AddSeed<ShopDb, SecondOrder>(2), Acme);

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => SeederOf(fleet).SeedAsync(Acme, Cancelled), Cancelled)));

        results.SelectMany(result => result.Applied).Select(seed => seed.Version).ShouldBe([1, 2], ignoreOrder: true);
        fleet.Services.GetRequiredService<SeedSwitch>().Runs.ShouldBe(2);
        (await OrdersAsync(fleet, Acme)).ShouldBe(["first of acme", "second of acme"]);
    }

    [Fact]
    public async Task Who_comes_second_waits_and_seeds_where_the_first_one_failed()
    {
        await using var fleet = await StartAsync(Kind.Schemas, tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(1), Acme);
        var (switches, gate) = (fleet.Services.GetRequiredService<SeedSwitch>(), new TaskCompletionSource());
        switches.Gate = gate.Task;
        var first = SeederOf(fleet).SeedAsync(Acme, Cancelled);
        await switches.Started.WaitAsync(Cancelled);
        switches.Gate = Task.CompletedTask;
        var second = SeederOf(fleet).SeedAsync(Acme, Cancelled);
        while (await fleet.SqlAsync("acme", "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.datname = current_database() AND NOT l.granted") is 0L)
        {
            second.IsCompleted.ShouldBeFalse();
        }

        gate.SetException(new InvalidOperationException("The first one fails."));

        await Should.ThrowAsync<TenantOperationException>(() => first);
        (await second).Applied.ShouldHaveSingleItem();
        (await OrdersAsync(fleet, Acme)).ShouldBe(["first of acme"]);
    }

    [Theory]
    [InlineData("Development", "demo,first of acme")]
    [InlineData("development", "demo,first of acme")]
    [InlineData("Production", "first of acme")]
    [InlineData(null, "first of acme")]
    public async Task A_seed_is_applied_in_its_environments(string? environment, string items)
    {
        await using var fleet = await StartAsync(Kind.Files, Configure(options => options.Environment = environment), Acme);
        await SeederOf(fleet).SeedAsync(Acme, Cancelled);
        string.Join(',', await OrdersAsync(fleet, Acme)).ShouldBe(items);

        await using var hosted = await StartAsync(
            Kind.Files,
            tenancy =>
            {
                tenancy.Services.AddSingleton<IHostEnvironment>(new TestEnvironment { EnvironmentName = environment ?? "Production" });
                Configure(_ => { })(tenancy);
            },
            Acme);
        await SeederOf(hosted).SeedAsync(Acme, Cancelled);
        string.Join(',', await OrdersAsync(hosted, Acme)).ShouldBe(items);

        static Action<MultiTenancyBuilder> Configure(Action<TenantOperationsOptions> configure) => tenancy =>
        {
            tenancy.Services.Configure(configure);
            tenancy.AddSeed<ShopDb, FirstOrder>(1).AddSeed<ShopDb, DemoOrder>(2, environments: ["Development", "Staging"]);
        };
    }

    [Fact]
    public async Task Tenants_that_share_tables_have_a_record_each()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Rows, tenancy => With(tenancy.AddDbContext<LedgerDb>().AddSeed<LedgerDb, OpeningBooking>(1).AddOperations()));
        await ProvisionAsync(fleet, Acme, Globex);
        await fleet.SqlAsync("acme", """DELETE FROM "__FreeholdSeeds"; DELETE FROM "Bookings" """);

        await Task.WhenAll(new[] { Acme, Globex, Acme, Globex }.Select(tenant => Task.Run(() => SeederOf(fleet).SeedAsync(tenant, Cancelled), Cancelled)));

        foreach (var tenant in new[] { Acme, Globex })
        {
            (await fleet.InAsync<LedgerDb, List<string>>(tenant.Id.Value, db => db.Bookings.Select(booking => booking.Text).ToListAsync(Cancelled))).ShouldBe([$"opening of {tenant.Id}"]);
            (await SeederOf(fleet).GetPendingAsync(tenant, Cancelled)).ShouldBeEmpty();
        }

        (await fleet.SqlAsync("acme", """SELECT string_agg(tenant_id, ',' ORDER BY tenant_id) FROM "__FreeholdSeeds" """)).ShouldBe("acme,globex");
        (await fleet.SqlAsync("acme", """SELECT relforcerowsecurity FROM pg_class WHERE oid = '"__FreeholdSeeds"'::regclass""")).ShouldBe(true);
        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        (await fleet.SqlAsync("acme", """SELECT string_agg(tenant_id, ',') FROM "__FreeholdSeeds" """)).ShouldBe("globex");
    }

    [Fact]
    public async Task A_tenant_with_a_schema_of_its_own_has_the_same_record_where_others_share_tables()
    {
        await using var fleet = await ProvisionedAsync(
            Kind.Schemas,
            tenancy => tenancy.IsolateBy(Isolation.Schema, Isolation.Row).AddDbContext<LedgerDb>().AddOperations(),
            tenancy => tenancy.AddSeed<LedgerDb, OpeningBooking>(1),
            Acme);

        (await SeederOf(fleet).SeedAsync(Acme, Cancelled)).Applied.ShouldHaveSingleItem();

        (await SeederOf(fleet).SeedAsync(Acme, Cancelled)).Applied.ShouldBeEmpty();
        (await fleet.SqlAsync("acme", """SELECT tenant_id || "Name" FROM "__FreeholdSeeds" """)).ShouldBe("acmeOpeningBooking");
        (await fleet.Services.GetRequiredService<ITenantDrift>().CompareAsync(Cancelled)).HasDrift.ShouldBeFalse();
    }

    [Fact]
    public async Task The_record_of_seeds_is_no_drift()
    {
        await using var fleet = await StartAsync(Kind.Schemas, tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(1), Acme, Globex);
        await SeederOf(fleet).SeedAsync(Acme, Cancelled);
        (await fleet.TablesAsync("acme")).ShouldContain("__FreeholdSeeds");

        (await fleet.Services.GetRequiredService<ITenantDrift>().CompareAsync(Cancelled)).Drifted.SelectMany(place => place.Differences).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Isolation.Schema, true)]
    [InlineData(Isolation.Schema, false)]
    [InlineData(Isolation.Database, false)]
    public async Task The_role_that_works_seeds_in_what_the_role_that_migrates_has_made(Isolation isolation, bool hasRoles)
    {
        await using var app = await RolesApp.StartAsync(isolation, hasRoles, configure: tenancy => With(tenancy.AddSeed<ShopDb, FirstOrder>(1)));
        await app.Provisioner.ProvisionAsync(Acme, Cancelled);

        (await app.InAsync("acme", db => db.Orders.CountAsync(Cancelled))).ShouldBe(1, "provisioning has seeded it");
        (await app.Seeder.SeedAsync(Acme, Cancelled)).Applied.ShouldBeEmpty();
        if (isolation == Isolation.Database)
        {
            await app.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        }
    }

    [Fact]
    public async Task Who_is_not_provisioned_or_was_deleted_gets_no_seeds()
    {
        await using var fleet = await StartAsync(Kind.Schemas, tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(1), Acme);
        (await Should.ThrowAsync<TenantOperationException>(() => SeederOf(fleet).SeedAsync(Globex, Cancelled))).Message.ShouldContain("'globex'");
        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        (await Should.ThrowAsync<TenantOperationException>(() => SeederOf(fleet).SeedAsync(Acme, Cancelled))).Message.ShouldContain("deleted");
    }

    private static ITenantSeeder SeederOf(Fleet fleet) => fleet.Services.GetRequiredService<ITenantSeeder>();

    private static MultiTenancyBuilder With(MultiTenancyBuilder tenancy)
    {
        tenancy.Services.AddSingleton<SeedSwitch>();
        return tenancy;
    }

    private static async Task<Fleet> StartAsync(Kind kind, Action<MultiTenancyBuilder> configure, params Tenant[] tenants)
    {
        return await ProvisionedAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations(), configure, tenants);
    }

    // By a version of the application that has no seeds yet.
    private static async Task<Fleet> ProvisionedAsync(
        Kind kind, Action<MultiTenancyBuilder> configure, Action<MultiTenancyBuilder> later, params Tenant[] tenants)
    {
        var before = await Fleet.StartAsync(kind, configure);
        await ProvisionAsync(before, tenants);
        return await before.LaterAsync(tenancy =>
        {
            configure(tenancy.UseTenants(tenants));
            later(With(tenancy));
        });
    }

    private static async Task ProvisionAsync(Fleet fleet, params Tenant[] tenants)
    {
        foreach (var tenant in tenants)
        {
            await fleet.Provisioner.ProvisionAsync(tenant, Cancelled);
        }
    }

    private static Task<List<string>> OrdersAsync(Fleet fleet, Tenant tenant) =>
        fleet.InAsync<ShopDb, List<string>>(tenant.Id.Value, db => db.Orders.Select(order => order.Item).OrderBy(item => item).ToListAsync(Cancelled));

    private sealed class TestEnvironment : IHostEnvironment
    {
        public required string EnvironmentName { get; set; }

        public string ApplicationName { get; set; } = "Shop";

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
