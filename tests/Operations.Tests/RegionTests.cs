using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Freehold.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Freehold.Operations.Tests;

/// <summary>Two servers (two databases, which is the same to the application), and rules that say who is where.</summary>
public sealed class RegionTests : IAsyncLifetime
{
    private Fleet _fleet = null!;
    private string _europe = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _europe = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        _fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy
            .AddNpgsqlServer("eu", _europe, source => source.MapEnum<Mood>("types.mood"))
            .AddNpgsqlServer("down", "Host=127.0.0.1;Port=1;Username=nobody;Password=secret;Database=x;Timeout=1")
            .PlaceBy(tenant => tenant.Region is { } region ? new TenantPlacement(Isolation.Schema) { Server = region } : null)
            .LimitConnections(limits => limits.Servers["eu"] = 3)
            .AddHealthChecks()
            .AddDbContext<ShopDb>()
            .AddOperations());
    }

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task A_tenant_lives_in_its_region_and_the_code_does_not_notice()
    {
        var acme = await _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Region = "eu" }, Cancelled);
        var globex = await _fleet.Provisioner.ProvisionAsync(new Tenant("globex"), Cancelled);

        acme.Placement.ShouldBe(new TenantPlacement(Isolation.Schema) { Server = "eu" });
        globex.Placement.ShouldBe(new TenantPlacement(Isolation.Schema));
        foreach (var id in new[] { "acme", "globex" })
        {
            await _fleet.InAsync<ShopDb, int>(id, db =>
            {
                db.Orders.Add(new Order { Item = $"of {id}" });
                return db.SaveChangesAsync(Cancelled);
            });
            (await _fleet.InAsync<ShopDb, string>(id, db => db.Orders.Select(order => order.Item).SingleAsync(Cancelled))).ShouldBe($"of {id}");
        }

        (await SchemasAsync(_europe)).ShouldBe(["tenant_acme"]);
        (await SchemasAsync(_fleet.ConnectionString!)).ShouldBe(["tenant_globex"]);
    }

    [Fact]
    public async Task What_the_rules_say_later_moves_nobody()
    {
        var acme = await _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Region = "eu" }, Cancelled);
        await _fleet.Registry.UpdateAsync(acme with { Region = null }, Cancelled);

        (await _fleet.Provisioner.ProvisionAsync(new Tenant("acme"), Cancelled)).Placement!.Server.ShouldBe("eu");
        (await _fleet.Provisioner.MigrateAsync(new Tenant("acme"), Cancelled)).Applied.ShouldBeEmpty();
        (await SchemasAsync(_fleet.ConnectionString!)).ShouldBeEmpty();
        var promotion = (await _fleet.Services.GetRequiredService<TenantPromotions>().CheckAsync(Cancelled)).ShouldHaveSingleItem();
        (promotion.From.Server, promotion.To.Server).ShouldBe(("eu", "default"));

        await _fleet.Provisioner.DropAsync(new Tenant("acme"), Cancelled);
        (await SchemasAsync(_europe)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_server_says_how_it_is_without_saying_who_knocks()
    {
        await _fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Region = "eu" }, Cancelled);
        var report = await _fleet.InAsync<ShopDb, HealthReport>("acme", async db =>
        {
            await db.Database.OpenConnectionAsync(Cancelled);
            return await _fleet.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancelled);
        });

        report.Entries.Keys.ShouldBe(["tenant-server:default", "tenant-server:eu", "tenant-server:down"], ignoreOrder: true);
        report.Entries["tenant-server:default"].Status.ShouldBe(HealthStatus.Healthy);
        report.Entries["tenant-server:eu"].Status.ShouldBe(HealthStatus.Healthy);
        report.Entries["tenant-server:eu"].Data["connections.in_use"].ShouldBe(1);
        report.Entries["tenant-server:eu"].Data["connections.limit"].ShouldBe(3);
        var down = report.Entries["tenant-server:down"];
        down.Status.ShouldBe(HealthStatus.Unhealthy);
        down.Tags.ShouldContain(TenantHealthExtensions.Tag);
        down.Description.ShouldBe("Server 'down' does not answer: no connection.");
    }

    private static async Task<string[]> SchemasAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("SELECT coalesce(array_agg(nspname::text ORDER BY 1), '{}') FROM pg_namespace WHERE nspname LIKE 'tenant\\_%'");
        return (string[])(await command.ExecuteScalarAsync(Cancelled))!;
    }
}
