using System.Diagnostics;
using Freehold.Benchmarks.Tenancy;
using Freehold.Shared;

namespace Freehold.Benchmarks.Fairness;

/// <summary>All tables of <c>fairness</c>: what one noisy tenant costs the others, and what many tenants cost a backend.</summary>
internal sealed class FairnessBenchmarks(Effort effort, string[] only)
{
    /// <summary>What can be asked for by itself.</summary>
    public static readonly string[] Parts = ["slow", "fast", "backends"];

    private readonly Report _report = new();

    public async Task RunAsync()
    {
        var clock = Stopwatch.StartNew();
        Report.Say(Units.Text($"{Environment.ProcessorCount} processors, load {Machine.Load()}, .NET {Environment.Version}."));
        Report.Say((await PostgresServer.GetAsync()).Description);
        var neighbours = new Lazy<Task<TenantDatabase>>(() => TenantDatabase.CreateAsync(NeighbourTables.Others + 1));
        await PartAsync("slow", async () => await new NeighbourTables(_report, effort).SlowAsync(await neighbours.Value));
        await PartAsync("fast", async () => await new NeighbourTables(_report, effort).FastAsync(await neighbours.Value));
        await PartAsync("backends", async () => await new BackendTable(_report).RunAsync(await WideDatabase.CreateAsync(effort.IsQuick ? 100 : 1_000)));

        Report.Say("");
        _report.Summary();
        if (effort.IsQuick)
        {
            Report.Say("A tenth of the tenants and a fifth of the rounds, by --quick, is for seeing that it runs, not for numbers.");
        }

        Report.Say(Units.Text($"Took {clock.Elapsed.TotalSeconds:0} s."));
    }

    private Task PartAsync(string part, Func<Task> run) => only.Length == 0 || only.Contains(part) ? run() : Task.CompletedTask;
}
