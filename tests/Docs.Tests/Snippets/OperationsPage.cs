using Freehold;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.OperationsPage;

public abstract class Currencies
{
    public abstract Task FillInAsync(CancellationToken cancellationToken);
}

public abstract class Backups
{
    public abstract Task TakeAsync(TenantId tenant, string migration);
}

public abstract class Checks
{
    public abstract Task RunAsync(TenantId tenant, bool isReverted);
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
            WaveTags = ["beta"],                                                   // then those with a tag
            WavePercentages = [10, 50],                                            // then 10 % of the others, half, all
            MaxFailures = 5,
            Progress = new Progress<TenantProgress>(step => Console.WriteLine($"{step.TenantId} ({step.Ended} of {step.Total})")),
        };
        await operations.MigrateAsync(await operations.PlanMigrationAsync(europe, cancellationToken: stopping), options, stopping);
    }

    public static async Task GoingBackAsync(ITenantOperations operations)
    {
        var back = await operations.PlanMigrationAsync(options: new() { Context = "ShopDb", Target = "Prices" });   // an id or a name; "0" for none
        foreach (var status in back.Tenants.Where(status => status.Reverted.Count > 0))
        {
            Console.WriteLine($"{status.Tenant.Id}: {status.Reverted.Count} to be reverted, {status.Pending.Count} to be applied");
        }

        await operations.MigrateAsync(back);
    }

    public static async Task MarkingAsync(ITenantOperations operations)
    {
        var made = await operations.PlanMigrationAsync(options: new() { Target = "Initial" });
        await operations.MarkAppliedAsync(made);                                   // history rows up to Initial; no migration is run
    }

    public static TenantRunOptions Careful(Backups backups, Checks checks)
    {
        var careful = new TenantRunOptions
        {
            TakeOutOfService = true,                                               // Migrating in the registry during a tenant's turn
            BeforeMigration = (tenant, migration, _) => backups.TakeAsync(tenant.Id, migration.Id),
            AfterMigration = (tenant, migration, _) => checks.RunAsync(tenant.Id, migration.IsReverted),
        };
        return careful;
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
