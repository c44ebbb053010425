using System.Collections.Concurrent;

namespace Freehold.Contracts;

/// <summary>A tenant seen (null: none) at a place on the far side.</summary>
public sealed record Sighting(string Where, string? Tenant);

/// <summary>One planned run of the far side, and what it saw.</summary>
public class Visit(Func<IFarSide, Task> script)
{
    /// <summary>How long a test waits for anything. Reached only by a test that fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Everywhere = ["constructed", "running", "after an await", "in Task.Run", "at the end"];

    private readonly ConcurrentQueue<Sighting> _sightings = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    public Guid Id { get; protected init; } = Guid.NewGuid();

    /// <summary>How often the far side's code ran.</summary>
    public int Runs => Volatile.Read(ref _runs);

    /// <summary>Completes when the far side has come to its end once, well or badly.</summary>
    public Task Finished => _finished.Task.WaitAsync(Patience);

    public IReadOnlyList<Sighting> Sightings => [.. _sightings];

    /// <summary>It ran, looked everywhere it should, and saw this tenant (null: none) wherever it looked.</summary>
    public async Task ShouldHaveSeenOnlyAsync(string? tenant)
    {
        await Finished;
        Everywhere.ShouldBeSubsetOf(Sightings.Select(sighting => sighting.Where));
        Sightings.ShouldAllBe(sighting => sighting.Tenant == tenant);
    }

    internal virtual Task RunScriptAsync(IFarSide here) => script(here);

    internal virtual void BeginRun() => Interlocked.Increment(ref _runs);

    internal virtual void EndRun() => _finished.TrySetResult();

    internal virtual void Note(Sighting sighting) => _sightings.Enqueue(sighting);
}
