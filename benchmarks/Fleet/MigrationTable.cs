using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Benchmarks.Fleet;

/// <summary>
/// Ten tables, then a column and an index, for all tenants: with Freehold, with the same SQL by Npgsql alone, with a loop of MigrateAsync, and with
/// drizzle-multitenant. The first two in turn, each in a new database.
/// </summary>
internal sealed class MigrationTable(Report report)
{
    private const int Parallelism = 3;
    private const string Freehold = "Freehold";
    private const string Plain = "Npgsql alone, the same SQL";
    private const string Loop = "a loop of MigrateAsync";
    private const string DrizzleMultitenant = "drizzle-multitenant 1.3.5";

    private readonly Dictionary<string, List<(FleetRun First, FleetRun Second)>> _runs = [];

    private delegate Task<(TimeSpan Wall, TimeSpan Client)?> Candidate(FleetDatabase database, bool isSecond);

    public async Task RunAsync(int tenants, int rounds)
    {
        var drizzle = await Drizzle.InstallAsync();
        var candidates = new List<(string Name, Candidate Run, int Rounds)> { (Plain, PlainAsync, rounds), (Freehold, FreeholdAsync, rounds), (Loop, LoopAsync, 1) };
        if (drizzle is not null)
        {
            candidates.Add((DrizzleMultitenant, (database, isSecond) => drizzle.MigrateAsync(database, isSecond, Parallelism), 1));
        }

        // Once without measuring: what is compiled and built once for a process is not what is compared.
        foreach (var (_, run, _) in candidates)
        {
            var small = await FleetDatabase.CreateAsync(20);
            await run(small, false);
            await run(small, true);
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, run, _) in candidates.Where(candidate => candidate.Rounds > round))
            {
                report.Doing($"{tenants} tenants, {name}, round {round + 1}");
                var database = await FleetDatabase.CreateAsync(tenants);
                var first = await FleetRun.OfAsync(database, () => run(database, false));
                var second = await FleetRun.OfAsync(database, () => run(database, true));
                _runs.TryAdd(name, []);
                _runs[name].Add((first, second));
            }
        }

        Show(Units.Text($"(a) Ten tables for each of {tenants} tenants, {Parallelism} at a time"), run => run.First);
        Show(Units.Text($"(b) A column and an index for each of {tenants} tenants, {Parallelism} at a time"), run => run.Second);
        Show(
            Units.Text($"(c) Both"),
            run => new(
                run.First.Wall + run.Second.Wall, run.First.Client + run.Second.Client, run.First.Server + run.Second.Server,
                Math.Max(run.First.Connections, run.Second.Connections), run.First.Sessions + run.Second.Sessions),
            isHeldToAims: true);
    }

    private void Show(string title, Func<(FleetRun First, FleetRun Second), FleetRun> part, bool isHeldToAims = false)
    {
        var medians = _runs.ToDictionary(runs => runs.Key, runs => FleetRun.Median([.. runs.Value.Select(part)]));
        report.Rows(title, FleetRun.Columns, medians.Select(run => run.Value.Row(run.Key)));
        var (freehold, plain) = (medians[Freehold], medians[Plain]);
        var facts = new List<Fact>
        {
            // Turn by turn, so that a busy machine is in both.
            Ratio("wall, Freehold to Npgsql alone", Middle(run => part(run).Wall), 1.3, isHeldToAims),
            Ratio("CPU of both sides, Freehold to Npgsql alone", Middle(run => part(run).Cpu), 1.3, isHeldToAims),
            Ratio("wall, the loop to Freehold", medians[Loop].Wall / freehold.Wall, 5, isHeldToAims, isLeast: true),
        };
        if (medians.TryGetValue(DrizzleMultitenant, out var drizzle))
        {
            facts.Add(Ratio("client CPU, Freehold to drizzle-multitenant", freehold.Client / drizzle.Client, 0.25, isHeldToAims));
            facts.Add(Ratio("wall, drizzle-multitenant to Freehold", drizzle.Wall / freehold.Wall, null, isHeldToAims));
        }

        report.Facts(title, facts);
        double Middle(Func<(FleetRun, FleetRun), TimeSpan> figure) =>
            _runs[Freehold].Zip(_runs[Plain]).Select(pair => figure(pair.First) / figure(pair.Second)).Order().ElementAt(_runs[Plain].Count / 2);
    }

    private static Fact Ratio(string what, double ratio, double? aim, bool isHeldToIt, bool isLeast = false) => aim is null || !isHeldToIt
        ? new(what, Units.Ratio(ratio))
        : new(what, Units.Ratio(ratio), Units.Text($"{(isLeast ? "≥" : "≤")} {aim:0.00}×"), isLeast ? ratio >= aim : ratio <= aim);

    private static async Task<(TimeSpan Wall, TimeSpan Client)?> FreeholdAsync(FleetDatabase database, bool isSecond)
    {
        await using var services = FleetContexts.Services(database, isSecond, database.Tenants);
        var operations = services.GetRequiredService<ITenantOperations>();
        (await operations.MigrateAsync(await operations.PlanMigrationAsync(), new() { ParallelismPerServer = Parallelism })).ThrowIfFailed();
        return null;
    }

    private static async Task<(TimeSpan Wall, TimeSpan Client)?> PlainAsync(FleetDatabase database, bool isSecond)
    {
        await using var context = FleetContexts.Open(database.ConnectionString, isSecond);
        var sql = context.GetService<IMigrator>().GenerateScript(isSecond ? FirstDb.Last : null);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await Parallel.ForEachAsync(
            database.Tenants,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism },
            async (tenant, cancellationToken) =>
            {
                await using var command = source.CreateCommand($"SET search_path TO \"{FleetDatabase.Schema(tenant)}\"; {sql}");
                await command.ExecuteNonQueryAsync(cancellationToken);
            });
        return null;
    }

    private static async Task<(TimeSpan Wall, TimeSpan Client)?> LoopAsync(FleetDatabase database, bool isSecond)
    {
        foreach (var tenant in database.Tenants)
        {
            var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = FleetDatabase.Schema(tenant), Pooling = false };
            await using var context = FleetContexts.Open(settings.ConnectionString, isSecond);
            await context.Database.MigrateAsync();
        }

        return null;
    }
}
