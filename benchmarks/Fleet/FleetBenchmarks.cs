using System.Diagnostics;
using Freehold.Shared;

namespace Freehold.Benchmarks.Fleet;

/// <summary>All tables of <c>fleet</c>: what it takes to migrate many tenants, and to find out that there is nothing to do.</summary>
internal sealed class FleetBenchmarks(Effort effort, string[] only)
{
    /// <summary>What can be asked for by itself.</summary>
    public static readonly string[] Parts = ["migrate", "life", "idle"];

    private int Tenants => effort.IsQuick ? 50 : effort.IsFull ? 1_000 : 200;

    private readonly Report _report = new();

    public async Task RunAsync()
    {
        var clock = Stopwatch.StartNew();
        Report.Say(Units.Text($"{Environment.ProcessorCount} processors, load {Machine.Load()}, .NET {Environment.Version}."));
        Report.Say((await PostgresServer.GetAsync()).Description);
        await PartAsync("migrate", () => new MigrationTable(_report).RunAsync(Tenants, rounds: effort.IsQuick ? 1 : 3));
        await PartAsync("life", () => new LifeTable(_report).RunAsync(Tenants));
        await PartAsync("idle", () => new IdleTable(_report).RunAsync(effort.IsQuick ? 500 : effort.IsFull ? 10_000 : 3_000));

        Report.Say("");
        _report.Summary();
        Report.Say(Units.Text($"Took {clock.Elapsed.TotalSeconds:0} s."));
    }

    private Task PartAsync(string part, Func<Task> run) => only.Length == 0 || only.Contains(part) ? run() : Task.CompletedTask;
}
