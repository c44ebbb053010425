using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Benchmarks.Fleet;

/// <summary>Ten tables, then a column and an index, for all tenants: with Freehold, with a loop of MigrateAsync, and with the same SQL by Npgsql alone.</summary>
internal sealed class MigrationTable(Report report)
{
    private const int Parallelism = 3;

    private sealed record Run(string Name, TimeSpan Wall, TimeSpan Own, int Connections);

    public async Task RunAsync(int tenants)
    {
        var candidates = new (string Name, Func<FleetDatabase, bool, Task> Run)[]
        {
            ("Npgsql alone, the same SQL", PlainAsync),
            ("Freehold", FreeholdAsync),
            ("a loop of MigrateAsync", LoopAsync),
        };
        var (first, second) = (new List<Run>(), new List<Run>());

        // Once without measuring: what is compiled and built once for a process is not what is compared.
        foreach (var (_, run) in candidates)
        {
            var small = await FleetDatabase.CreateAsync(3);
            await run(small, false);
            await run(small, true);
        }

        foreach (var (name, run) in candidates)
        {
            report.Doing($"{tenants} tenants, {name}");
            var database = await FleetDatabase.CreateAsync(tenants);
            first.Add(await MeasureAsync(name, database, () => run(database, false)));
            second.Add(await MeasureAsync(name, database, () => run(database, true)));
        }

        report.Facts(Units.Text($"(a) Ten tables for each of {tenants} tenants, {Parallelism} at a time"), Facts(first));
        report.Facts(Units.Text($"(b) A column and an index for each of {tenants} tenants, {Parallelism} at a time"), Facts(second));
    }

    private static IReadOnlyList<Fact> Facts(IReadOnlyList<Run> runs) =>
    [
        .. runs.Select(run => new Fact(
            run.Name,
            Units.Text($"{run.Wall.TotalSeconds:0.00} s, own CPU {run.Own.TotalSeconds:0.00} s, {run.Connections} connections"))),
        Ratio("Freehold to Npgsql alone", runs[1].Wall / runs[0].Wall, "≤ 1.30×", ratio => ratio <= 1.3),
        Ratio("the loop to Freehold", runs[2].Wall / runs[1].Wall, "≥ 5.00×", ratio => ratio >= 5),
    ];

    private static Fact Ratio(string what, double ratio, string aim, Func<double, bool> isMet) => new(what, Units.Ratio(ratio), aim, isMet(ratio));

    private static async Task<Run> MeasureAsync(string name, FleetDatabase database, Func<Task> run)
    {
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var connections = await database.ConnectionsAsync(Task.Run(run));
        return new(name, clock.Elapsed, Environment.CpuUsage.TotalTime - before, connections);
    }

    private static async Task FreeholdAsync(FleetDatabase database, bool isSecond)
    {
        await using var services = new ServiceCollection().AddMultiTenancy(tenancy =>
        {
            tenancy.UseNpgsql(database.ConnectionString).IsolateBy(Isolation.Schema).UseTenants([.. database.Tenants]).AddOperations();
            _ = isSecond ? tenancy.AddDbContext<SecondDb>() : tenancy.AddDbContext<FirstDb>();
        }).BuildServiceProvider();
        var operations = services.GetRequiredService<ITenantOperations>();
        (await operations.MigrateAsync(await operations.PlanMigrationAsync(), new() { ParallelismPerServer = Parallelism })).ThrowIfFailed();
    }

    private static async Task PlainAsync(FleetDatabase database, bool isSecond)
    {
        await using var context = Context(database.ConnectionString, isSecond);
        var sql = context.GetService<IMigrator>().GenerateScript(isSecond ? TenTables.Id : null);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await Parallel.ForEachAsync(
            database.Tenants,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism },
            async (tenant, cancellationToken) =>
            {
                await using var command = source.CreateCommand($"SET search_path TO \"{FleetDatabase.Schema(tenant)}\"; {sql}");
                await command.ExecuteNonQueryAsync(cancellationToken);
            });
    }

    private static async Task LoopAsync(FleetDatabase database, bool isSecond)
    {
        foreach (var tenant in database.Tenants)
        {
            var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = FleetDatabase.Schema(tenant), Pooling = false };
            await using var context = Context(settings.ConnectionString, isSecond);
            await context.Database.MigrateAsync();
        }
    }

    private static DbContext Context(string connectionString, bool isSecond) => isSecond
        ? new SecondDb(new DbContextOptionsBuilder<SecondDb>().UseNpgsql(connectionString).Options)
        : new FirstDb(new DbContextOptionsBuilder<FirstDb>().UseNpgsql(connectionString).Options);
}
