using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Fleet;

/// <summary>What else is done to a fleet: tenants provisioned from nothing, migrated, seeded, looked at and compared.</summary>
internal sealed class LifeTable(Report report)
{
    private const int Parallelism = 3;

    public async Task RunAsync(int tenants)
    {
        var database = await FleetDatabase.CreateAsync(0);
        var wanted = Enumerable.Range(0, tenants).Select(i => new Tenant(Units.Text($"t{i:00000}"))).ToArray();
        var rows = new List<string[]>();

        var first = FleetContexts.Services(database, isSecond: false, []);
        await using (first)
        {
            await AddAsync("provisioned: schema, ten tables, active", async () =>
                (await first.GetRequiredService<ITenantOperations>().ProvisionAsync(wanted, new() { ParallelismPerServer = Parallelism })).ThrowIfFailed());
        }

        await using var second = FleetContexts.Services(database, isSecond: true, wanted, tenancy => tenancy.AddSeed<SecondDb, TenRows>(1));
        var operations = second.GetRequiredService<ITenantOperations>();
        TenantMigrationPlan? plan = null;
        await AddAsync("looked at: who lacks what", async () => plan = await operations.PlanMigrationAsync());
        await AddAsync("migrated: a column and an index", async () => (await operations.MigrateAsync(plan!, new() { ParallelismPerServer = Parallelism })).ThrowIfFailed());
        await AddAsync("seeded: ten rows", async () => (await second.GetRequiredService<ITenantSeeder>().SeedAllAsync()).ThrowIfFailed());
        await AddAsync("compared with a fresh reference", async () =>
        {
            var report = await second.GetRequiredService<ITenantDrift>().CompareAsync();
            if (report.HasDrift)
            {
                throw new InvalidOperationException("Tenants that were all migrated the same way differ.");
            }
        });
        report.Rows(Units.Text($"(d) A fleet of {tenants} tenants"), FleetRun.Columns, rows);

        async Task AddAsync(string what, Func<Task> run) => rows.Add((await FleetRun.OfAsync(database, async () =>
        {
            await run();
            return null;
        })).Row(what));
    }

    private sealed class TenRows : ITenantSeed<SecondDb>
    {
        public Task SeedAsync(SecondDb context, CancellationToken cancellationToken) => context.Database.ExecuteSqlRawAsync(
            """INSERT INTO "Table0" ("Id", "Name", "Total") SELECT n, 'Name ' || n, n FROM generate_series(1, 10) n""", cancellationToken);
    }
}
