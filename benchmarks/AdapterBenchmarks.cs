using System.Diagnostics;
using Freehold.Benchmarks.Hops;

namespace Freehold.Benchmarks;

/// <summary>All tables of <c>adapters</c>: each hop with and without Freehold, with and without signing.</summary>
internal sealed class AdapterBenchmarks(Effort effort, string[] only)
{
    private readonly Report _report = new();

    private (string Part, Func<Task> RunAsync)[] All =>
    [
        ("signing", () => new SigningTable(_report, effort).RunAsync()),
        ("mediatr", () => new MediatRTable(_report, effort).RunAsync()),
        ("http", () => new HttpTables(_report, effort).RunAsync()),
        ("masstransit", () => new MassTransitTable(_report, effort).InMemoryAsync()),
        ("rabbitmq", () => new MassTransitTable(_report, effort).RabbitMqAsync()),
        ("hangfire", () => new HangfireTable(_report, effort).InMemoryAsync()),
        ("postgres", () => new HangfireTable(_report, effort).PostgresAsync()),
    ];

    /// <summary>What can be asked for by itself.</summary>
    public static string[] Parts { get; } = [.. new AdapterBenchmarks(new(true, false), []).All.Select(one => one.Part)];

    public async Task RunAsync()
    {
        var clock = Stopwatch.StartNew();
        Report.Introduce();
        foreach (var (part, runAsync) in All)
        {
            if (only.Length == 0 || only.Contains(part))
            {
                await runAsync();
            }
        }

        Report.Say("");
        _report.Summary();
        if (effort.IsQuick)
        {
            Report.Say("A twelfth of the rounds, by --quick, is for seeing that it runs, not for numbers.");
        }

        Report.Say(Units.Text($"Took {clock.Elapsed.TotalSeconds:0} s."));
    }
}
