using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests;

/// <summary>Migrations when a host starts, and whether it is ready.</summary>
public class StartupTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tenants_are_migrated_before_anything_else_starts_and_then_the_host_is_ready()
    {
        await using var fleet = await SchemasAsync(3, tenancy =>
        {
            tenancy.AddDbContext<ShopDb>().MigrateTenantsOnStartup(options => options.ParallelismPerServer = 2);
            tenancy.Services.AddLogging().AddHealthChecks().AddTenantMigrations();
        });
        var before = await ReportAsync(fleet.Services);
        before.Status.ShouldBe(HealthStatus.Unhealthy);
        before.Entries["tenant-migrations"].Description!.ShouldContain("3 tenants");

        foreach (var service in fleet.Services.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(Cancelled);
        }

        (await ReportAsync(fleet.Services)).Status.ShouldBe(HealthStatus.Healthy);
        (await fleet.TablesAsync("t2")).ShouldContain("Orders");
    }

    [Fact]
    public async Task A_tenant_that_fails_does_not_keep_the_host_from_starting_and_is_named_by_its_readiness()
    {
        await using var fleet = await SchemasAsync(3, tenancy =>
        {
            tenancy.AddDbContext<AuditDb>().MigrateTenantsOnStartup();
            tenancy.Services.AddLogging().AddHealthChecks().AddTenantMigrations(HealthStatus.Degraded);
        });
        await fleet.SqlAsync("t0", AuditDb.OpenGate);
        await fleet.SqlAsync("t2", AuditDb.OpenGate);

        foreach (var service in fleet.Services.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(Cancelled);
        }

        var report = await ReportAsync(fleet.Services);
        report.Status.ShouldBe(HealthStatus.Degraded);
        report.Entries["tenant-migrations"].Data["tenants.pending"].ShouldBe("t1");

        await fleet.SqlAsync("t1", AuditDb.OpenGate);
        await fleet.MigrateAsync();
        (await ReportAsync(fleet.Services)).Status.ShouldBe(HealthStatus.Healthy);
    }

    private static Task<HealthReport> ReportAsync(IServiceProvider services) => services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancelled);
}
