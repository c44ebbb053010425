using Freehold;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.OperationsPage;

public abstract class Currencies
{
    public abstract Task FillInAsync(CancellationToken cancellationToken);
}

internal static class Page
{
    public static async Task PlanningAsync(ITenantOperations operations)
    {
        var plan = await operations.PlanMigrationAsync();                          // who lacks what; also the status of the fleet
        foreach (var status in plan.Tenants.Where(status => status.Pending.Count > 0))
        {
            Console.WriteLine($"{status.Tenant.Id}: {status.Pending.Count} pending");
        }

        var result = await operations.MigrateAsync(plan);                          // shared tables first, then the tenants that lack something
        result.ThrowIfFailed();
    }

    public static async Task ChoosingAsync(ITenantOperations operations, CancellationToken stopping)
    {
        var europe = new TenantSelection { Where = tenant => tenant.Region == "eu", Except = [TenantId.Parse("globex")] };
        var options = new TenantRunOptions
        {
            ParallelismPerServer = 3,
            Canaries = [TenantId.Parse("acme")],                                   // first; if one fails, nobody else is begun
            WavePercentages = [10, 50],                                            // then 10 %, half, all
            MaxFailures = 5,
            Progress = new Progress<TenantProgress>(step => Console.WriteLine($"{step.TenantId} ({step.Ended} of {step.Total})")),
        };
        await operations.MigrateAsync(await operations.PlanMigrationAsync(europe, cancellationToken: stopping), options, stopping);
    }

    public static void Starting(MultiTenancyBuilder tenancy)
    {
        tenancy.MigrateTenantsOnStartup(options => options.ParallelismPerServer = 8);
        tenancy.Services.AddHealthChecks().AddTenantMigrations(HealthStatus.Degraded);
    }

    public static async Task WorkingAsync(ITenantOperations operations)
    {
        var work = await operations.PlanAsync("fill in the missing currencies");
        await operations.RunAsync(work, async (tenant, services, cancellationToken) =>
            await services.GetRequiredService<Currencies>().FillInAsync(cancellationToken));
    }
}
