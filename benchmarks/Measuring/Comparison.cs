using System.Diagnostics;
using System.Runtime;

namespace Freehold.Benchmarks.Measuring;

/// <summary>
/// Compares candidates with a baseline on a machine that others use as well: short batches, the baseline's right before and after each
/// candidate's, in an order that turns from round to round. What slows the machine for longer than that slows both.
/// </summary>
/// <param name="Baseline">What the others are held against.</param>
/// <param name="Candidates">The others.</param>
/// <param name="Operations">How many operations a batch has.</param>
/// <param name="Rounds">How often each candidate's batch is run.</param>
/// <param name="Server">The server's part, if it is to be weighed, too.</param>
internal sealed record Comparison(Candidate Baseline, IReadOnlyList<Candidate> Candidates, int Operations, int Rounds, ServerProcesses? Server = null)
{
    // The runtime replaces its first, slow code for methods while they run, later the busier the machine is. It is done when a pass over all
    // candidates compiles next to nothing.
    private static readonly TimeSpan Pass = TimeSpan.FromMilliseconds(400);
    private const int Settled = 10;

    /// <summary>The baseline's figures first, then the candidates' in their order.</summary>
    public async Task<IReadOnlyList<Figures>> RunAsync()
    {
        await WarmUpAsync();
        var rounds = Candidates.ToDictionary(candidate => candidate, _ => new List<(Sample Own, Sample Baseline)>());
        var baseline = new List<(Sample Own, Sample Baseline)>();
        for (var round = 0; round < Rounds; round++)
        {
            GC.Collect();
            await (Server?.LookAsync() ?? Task.CompletedTask);
            var before = await SampleAsync(Baseline);
            for (var i = 0; i < Candidates.Count; i++)
            {
                var candidate = Candidates[(i + round) % Candidates.Count];
                var own = await SampleAsync(candidate);
                var after = await SampleAsync(Baseline);
                rounds[candidate].Add((own, Sample.Between(before, after)));
                baseline.Add((after, after));
                before = after;
            }
        }

        return [Figures.Of(Baseline, baseline), .. Candidates.Select(candidate => Figures.Of(candidate, rounds[candidate]))];
    }

    private async Task WarmUpAsync()
    {
        var most = Math.Clamp(Rounds / 4, 2, 25);
        for (var pass = 0; pass < most; pass++)
        {
            var compiled = JitInfo.GetCompiledMethodCount();
            foreach (var candidate in Candidates.Prepend(Baseline))
            {
                var clock = Stopwatch.StartNew();
                do
                {
                    await candidate.RunAsync(Operations);
                }
                while (clock.Elapsed < Pass);
            }

            if (pass >= 2 && JitInfo.GetCompiledMethodCount() - compiled < Settled)
            {
                return;
            }
        }
    }

    private async Task<Sample> SampleAsync(Candidate candidate)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var server = Server?.Nanoseconds ?? 0;
        var processor = Environment.CpuUsage.TotalTime;
        var began = Stopwatch.GetTimestamp();
        await candidate.RunAsync(Operations);
        var elapsed = Stopwatch.GetElapsedTime(began);
        processor = Environment.CpuUsage.TotalTime - processor;
        server = (Server?.Nanoseconds ?? 0) - server;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new(elapsed.TotalNanoseconds / Operations, processor.TotalNanoseconds / Operations, server / Operations, (double)allocated / Operations);
    }
}
