using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Processes.Host.Fleet;

/// <summary>Migrates tenants, or runs other work for them, in a process that can be killed. Says on standard output who is begun and who has ended.</summary>
public static class FleetProcess
{
    public const string Migrate = "migrate";

    /// <summary>Does nothing for each tenant, and for the last one never ends, so that the kill finds a run that is not over.</summary>
    public const string Work = "work";

    /// <summary>Takes tenants of the catalog out of service, and never ends after the first migration of the last one.</summary>
    public const string OutOfService = "out-of-service";

    private static readonly Task Forever = Task.Delay(Timeout.Infinite);

    /// <summary>The tenants' ids.</summary>
    public static IEnumerable<string> Ids(int count) => Enumerable.Range(0, count).Select(i => $"t{i:000}");

    public static ServiceProvider Services(string connectionString, int count) => new ServiceCollection().AddMultiTenancy(tenancy => tenancy
        .UseNpgsql(connectionString).IsolateBy(Isolation.Schema)
        .UseTenants([.. Ids(count).Select(id => new Tenant(id))])
        .AddDbContext<DepotDb>()
        .AddOperations()).BuildServiceProvider();

    /// <summary>The same with tenants that are in the catalog.</summary>
    public static ServiceProvider Catalogued(string connectionString) => new ServiceCollection().AddMultiTenancy(tenancy => tenancy
        .UseNpgsql(connectionString).IsolateBy(Isolation.Schema)
        .UsePostgresCatalog()
        .AddDbContext<DepotDb>()
        .AddOperations()).BuildServiceProvider();

    /// <summary>For the arguments: what to do, the database, and how many tenants there are.</summary>
    public static async Task RunAsync(string what, string connectionString, int count)
    {
        await using var services = what == OutOfService ? Catalogued(connectionString) : Services(connectionString, count);
        var operations = services.GetRequiredService<ITenantOperations>();
        var last = TenantId.Parse(Ids(count).Last());
        var options = new TenantRunOptions { Progress = new Lines() };
        if (what == OutOfService)
        {
            (options.TakeOutOfService, options.ParallelismPerServer) = (true, 1);
            options.AfterMigration = (tenant, _, _) =>
            {
                Lines.Say($"{tenant.Id} migrated");
                return tenant.Id == last ? Forever : Task.CompletedTask;
            };
        }

        var result = what is Migrate or OutOfService
            ? await operations.MigrateAsync(await operations.PlanMigrationAsync(), options)
            : await operations.RunAsync(await operations.PlanAsync(Work), (tenant, _, _) => tenant.Id == last ? Forever : Task.CompletedTask, options);
        await Console.Out.WriteLineAsync(result.IsComplete ? "complete" : string.Join('\n', result.Outcomes.Where(outcome => outcome.Error is not null)));
    }

    private sealed class Lines : IProgress<TenantProgress>
    {
        public void Report(TenantProgress value) => Say($"{value.TenantId} {value.Outcome?.Kind.ToString() ?? "begun"}");

        public static void Say(string line)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
