using System.Net;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Freehold.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Freehold.Integrations.AspNetCore.Tests;

/// <summary>An application with a server in each of two regions, and one that is down.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private TestApp _app = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var server = await PostgresServer.GetAsync();
        var (home, europe) = (await server.CreateDatabaseAsync(), await server.CreateDatabaseAsync());
        _app = await TestApp.StartAsync(
            app =>
            {
                app.MapHealthChecks("/health").AllowNoTenant();
                app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => !check.Tags.Contains("tenant-server") }).AllowNoTenant();
            },
            services: services => services.AddHealthChecks().AddMultiTenancy().AddMultiTenancy(),
            tenancy: tenancy => tenancy
                .UseNpgsql(home)
                .AddNpgsqlServer("eu", europe + ";Maximum Pool Size=1")
                .AddNpgsqlServer("down", "Host=127.0.0.1;Port=1;Username=nobody;Password=secret;Database=x;Timeout=1")
                .LimitConnections(limits => limits.Servers["eu"] = 3)
                .AddDbContext<EmptyDb>());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_server_that_is_down_is_told_by_name_and_not_by_how_it_is_reached()
    {
        var report = await CheckAsync();

        report.Entries.Keys.ShouldBe(["tenant-server:default", "tenant-server:eu", "tenant-server:down"], ignoreOrder: true);
        report.Entries["tenant-server:default"].Status.ShouldBe(HealthStatus.Healthy);
        var down = report.Entries["tenant-server:down"];
        (down.Status, down.Description).ShouldBe((HealthStatus.Unhealthy, "Server 'down' does not answer: no connection."));
        down.Tags.ShouldBe(["tenant-server"]);
        down.Exception!.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_server_whose_pool_is_used_up_is_well_and_tells_who_uses_it()
    {
        var factory = _app.Services.GetRequiredService<ITenantDbContextFactory<EmptyDb>>();
        await using (var db = factory.Create(new Tenant("acme") { Placement = new(Isolation.Schema) { Server = "eu" } }))
        {
            await db.Database.OpenConnectionAsync(Cancelled);
            var busy = (await CheckAsync()).Entries["tenant-server:eu"];
            busy.Status.ShouldBe(HealthStatus.Healthy);
            (busy.Data["connections.in_use"], busy.Data["connections.waiting"], busy.Data["connections.limit"]).ShouldBe((1, 0, 3));
        }

        (await CheckAsync()).Entries["tenant-server:eu"].Data["connections.in_use"].ShouldBe(0);
    }

    [Fact]
    public async Task A_probe_chooses_by_the_tag_whether_servers_count()
    {
        (await _app.GetAsync("/health")).Status.ShouldBe((int)HttpStatusCode.ServiceUnavailable);
        (await _app.GetAsync("/alive")).Status.ShouldBe((int)HttpStatusCode.OK);
    }

    private Task<HealthReport> CheckAsync() => _app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancelled);

    public sealed class EmptyDb(DbContextOptions<EmptyDb> options) : DbContext(options);
}
