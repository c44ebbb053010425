using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Freehold.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Operations.Tests;

/// <summary>Two servers (two databases, which is the same to the application), and rules that say who is where.</summary>
public sealed class RegionTests : IAsyncLifetime
{
    private readonly Postbox _post = new();
    private Fleet _fleet = null!;
    private string _europe = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _europe = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        _fleet = await StartAsync(tenancy => tenancy
            .PlaceBy(tenant => tenant.Plan == "broken" ? throw new InvalidOperationException("The price list is away.") : null)
            .PlaceBy(
                tenant => tenant.Region is { } region ? new TenantPlacement(Isolation.Schema) { Server = region } : null,
                (tenant, _) => _post.Told(tenant)));
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task A_tenant_lives_in_its_region_and_the_code_does_not_notice()
    {
        var acme = await _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Region = "eu" }, Cancelled);
        var globex = await _fleet.Provisioner.ProvisionAsync(new Tenant("globex"), Cancelled);

        acme.ShouldBe(new Tenant("acme") { Region = "eu", Placement = new(Isolation.Schema) { Server = "eu" } });
        globex.ShouldBe(new Tenant("globex") { Placement = new(Isolation.Schema) });
        _post.Letters.ShouldBe(["acme"]);
        foreach (var id in new[] { "acme", "globex" })
        {
            await OrderAsync(_fleet, id);
            (await ItemsAsync(_fleet, id)).ShouldBe([id]);
        }

        (await SchemasAsync(_europe)).ShouldBe(["tenant_acme"]);
        (await SchemasAsync(_fleet.ConnectionString!)).ShouldBe(["tenant_globex"]);
    }

    [Fact]
    public async Task Other_rules_and_another_convention_move_nobody_and_new_tenants_follow_them()
    {
        foreach (var tenant in new[] { new Tenant("acme") { Region = "eu" }, new Tenant("globex") })
        {
            await _fleet.Provisioner.ProvisionAsync(tenant, Cancelled);
            await OrderAsync(_fleet, tenant.Id.Value);
        }

        await using var later = await StartAsync(
            tenancy => tenancy.PlaceBy(tenant => tenant.Region == "eu" ? new TenantPlacement(Isolation.Schema) : null),
            _fleet.ConnectionString,
            Kind.Databases);
        foreach (var id in new[] { "acme", "globex" })
        {
            (await later.Provisioner.ProvisionAsync(new Tenant(id), Cancelled)).ShouldBe(await _fleet.Store.FindAsync(TenantId.Parse(id), Cancelled));
            (await later.Provisioner.MigrateAsync(new Tenant(id), Cancelled)).Applied.ShouldBeEmpty();
            (await ItemsAsync(later, id)).ShouldBe([id]);
        }

        (await later.Provisioner.ProvisionAsync(new Tenant("initech") { Region = "eu" }, Cancelled)).Placement.ShouldBe(new TenantPlacement(Isolation.Schema));
        (await SchemasAsync(_fleet.ConnectionString!)).ShouldBe(["tenant_globex", "tenant_initech"]);
        (await later.Services.GetRequiredService<TenantPromotions>().CheckAsync(Cancelled)).Select(promotion => (promotion.Tenant.Id.Value, promotion.To.Isolation, promotion.To.Server))
            .ShouldBe([("acme", Isolation.Schema, "default"), ("globex", Isolation.Database, "default")]);

        await later.Provisioner.DropAsync(new Tenant("acme"), cancellationToken: Cancelled);
        (await SchemasAsync(_europe)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_a_rule_fails_nothing_is_recorded_or_made_and_the_call_can_be_repeated()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Plan = "broken", Region = "eu" }, Cancelled));
        failure.Message.ShouldBe("The price list is away.");
        await ShouldBeNowhereAsync("acme");

        (await _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Region = "eu" }, Cancelled)).State.ShouldBe(TenantState.Active);
    }

    [Fact]
    public async Task Where_nobody_could_be_told_nothing_is_recorded_or_made_and_the_call_can_be_repeated()
    {
        _post.IsClosed = true;
        await Should.ThrowAsync<TenantOperationException>(() => _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Region = "eu" }, Cancelled));
        await ShouldBeNowhereAsync("acme");

        _post.IsClosed = false;
        (await _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Region = "eu" }, Cancelled)).State.ShouldBe(TenantState.Active);
        _post.Letters.ShouldBe(["acme"]);
    }

    [Fact]
    public async Task A_server_that_is_down_keeps_its_tenants_waiting_and_nobody_else()
    {
        var failure = await Should.ThrowAsync<TenantOperationException>(() => _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Region = "down" }, Cancelled));
        failure.Message.ShouldContain("'acme'");
        failure.ToString().ShouldNotContain("secret");
        (await _fleet.Provisioner.ProvisionAsync(new Tenant("globex") { Region = "eu" }, Cancelled)).State.ShouldBe(TenantState.Active);
        (await _fleet.Provisioner.ProvisionAsync(new Tenant("initech"), Cancelled)).State.ShouldBe(TenantState.Active);
    }

    [Fact]
    public async Task The_budget_of_a_server_is_used_up_by_its_own_tenants_alone()
    {
        foreach (var tenant in new[] { new Tenant("acme") { Region = "eu" }, new Tenant("globex") { Region = "eu" }, new Tenant("initech") })
        {
            await _fleet.Provisioner.ProvisionAsync(tenant, Cancelled);
        }

        await _fleet.InAsync<ShopDb, int>("acme", async db =>
        {
            await db.Database.OpenConnectionAsync(Cancelled);
            var refusal = await Should.ThrowAsync<TenantUnavailableException>(() => ItemsAsync(_fleet, "globex"));
            refusal.Message.ShouldContain("server 'eu'");
            (await ItemsAsync(_fleet, "initech")).ShouldBeEmpty();
            return 0;
        });
        (await ItemsAsync(_fleet, "globex")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_is_added_elsewhere_while_a_rule_is_asked_is_not_made_in_two_places()
    {
        await using var fleet = await StartAsync(tenancy => tenancy.PlaceBy<SlowerThanTheOther>(), _fleet.ConnectionString);
        var failure = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(new Tenant("acme"), Cancelled));
        failure.IsRetryable.ShouldBeTrue();
        failure.Message.ShouldContain("in another place");
        (await SchemasAsync(_fleet.ConnectionString!)).ShouldBeEmpty();

        (await fleet.Provisioner.ProvisionAsync(new Tenant("acme"), Cancelled)).Placement!.Server.ShouldBe("eu");
        (await SchemasAsync(_europe)).ShouldBe(["tenant_acme"]);
    }

    private Task<Fleet> StartAsync(Action<MultiTenancyBuilder> rules, string? connectionString = null, Kind kind = Kind.Schemas) => Fleet.StartAsync(
        kind,
        tenancy => rules(tenancy
            .AddNpgsqlServer("eu", _europe, source => source.MapEnum<Mood>("types.mood"))
            .AddNpgsqlServer("down", "Host=127.0.0.1;Port=1;Username=nobody;Password=secret;Database=x;Timeout=1")
            .UsePostgresCatalog()
            .LimitConnections(limits =>
            {
                limits.Servers["eu"] = 1;
                (limits.QueuePerTenant, limits.Reserve) = (0, 0);
            })
            .AddDbContext<ShopDb>()
            .AddOperations()),
        connectionString);

    private static Task<int> OrderAsync(Fleet fleet, string id) => fleet.InAsync<ShopDb, int>(id, db =>
    {
        db.Orders.Add(new Order { Item = id });
        return db.SaveChangesAsync(Cancelled);
    });

    private static Task<string[]> ItemsAsync(Fleet fleet, string id) => fleet.InAsync<ShopDb, string[]>(id, db => db.Orders.Select(order => order.Item).ToArrayAsync(Cancelled));

    private async Task ShouldBeNowhereAsync(string id)
    {
        (await _fleet.Store.FindAsync(TenantId.Parse(id), Cancelled)).ShouldBeNull();
        (await SchemasAsync(_europe)).ShouldBeEmpty();
        (await SchemasAsync(_fleet.ConnectionString!)).ShouldBeEmpty();
    }

    private static async Task<string[]> SchemasAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("SELECT coalesce(array_agg(nspname::text ORDER BY 1), '{}') FROM pg_namespace WHERE nspname LIKE 'tenant\\_%'");
        return (string[])(await command.ExecuteScalarAsync(Cancelled))!;
    }

    /// <summary>Where it is told who was placed.</summary>
    private sealed class Postbox
    {
        public List<string> Letters { get; } = [];

        public bool IsClosed { get; set; }

        public Task Told(Tenant tenant)
        {
            if (IsClosed)
            {
                throw new InvalidOperationException("The post is closed.");
            }

            Letters.Add(tenant.Id.Value);
            return Task.CompletedTask;
        }
    }

    /// <summary>While it thinks, another process adds the tenant in Europe.</summary>
    private sealed class SlowerThanTheOther(IServiceProvider services) : ITenantPlacementRule
    {
        public async ValueTask<TenantPlacement?> PlaceAsync(Tenant tenant, CancellationToken cancellationToken)
        {
            var elsewhere = tenant with { State = TenantState.Provisioning, Placement = new(Isolation.Schema) { Server = "eu" } };
            await services.GetRequiredService<ITenantRegistry>().AddAsync(elsewhere, cancellationToken);
            return new(Isolation.Schema);
        }
    }
}
