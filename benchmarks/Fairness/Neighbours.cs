using System.Collections.Concurrent;
using System.Diagnostics;

namespace Freehold.Benchmarks.Fairness;

/// <summary>One application, whose quiet tenants are timed, alone and beside a noisy one.</summary>
internal sealed class Neighbours(LimitedApplication application, Func<LimitedApplication, Func<Tenant, Task>> noise) : IAsyncDisposable
{
    // Few, and at rest between their reads: that quiet is quiet on two processors.
    private const int QuietCallers = 4;

    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);

    private long _done;
    private long _refused;
    private long _noisy;
    private double _seconds;

    public Budget Budget => application.Budget;

    /// <summary>The quiet tenants' times, alone.</summary>
    public Times Quiet { get; } = new();

    /// <summary>The same beside the noisy one.</summary>
    public Times Noisy { get; } = new();

    public double NoisyPerSecond => _noisy / _seconds;

    public long Refused => _refused;

    /// <summary>Times the quiet tenants' reads for a while, beside so many callers of the noisy tenant, once all of those are at work.</summary>
    public async Task RunAsync(int callers, TimeSpan time)
    {
        using var stop = new CancellationTokenSource();
        var asked = Enumerable.Range(0, callers).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var noisy = asked.Select(one => Task.Run(() => MakeNoiseAsync(one, stop.Token))).ToArray();
        await Task.WhenAll(asked.Select(one => one.Task));
        var (before, clock) = (Interlocked.Read(ref _done), Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, QuietCallers).Select(caller => Task.Run(() => ReadAsync(caller, callers == 0 ? Quiet : Noisy, clock, time))));
        if (callers > 0)
        {
            _noisy += Interlocked.Read(ref _done) - before;
            _seconds += clock.Elapsed.TotalSeconds;
        }

        await stop.CancelAsync();
        await Task.WhenAll(noisy);
    }

    /// <summary>What came before was for warming up.</summary>
    public void Forget()
    {
        Quiet.Clear();
        Noisy.Clear();
        (_noisy, _refused, _seconds) = (0, 0, 0);
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task MakeNoiseAsync(TaskCompletionSource asked, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var work = noise(application)(application.Noisy);
                asked.TrySetResult();
                await work;
                Interlocked.Increment(ref _done);
            }
            catch (TenantException)
            {
                Interlocked.Increment(ref _refused);
            }
        }
    }

    private async Task ReadAsync(int caller, Times times, Stopwatch clock, TimeSpan time)
    {
        for (var turn = caller; clock.Elapsed < time; turn += QuietCallers)
        {
            var began = Stopwatch.GetTimestamp();
            await application.ReadAsync(application.Quiet[turn % application.Quiet.Count]);
            times.Add(Stopwatch.GetElapsedTime(began));
            await Task.Delay(Rest);
        }
    }
}

/// <summary>How long each took.</summary>
internal sealed class Times
{
    private readonly ConcurrentBag<double> _nanoseconds = [];

    public void Add(TimeSpan time) => _nanoseconds.Add(time.TotalNanoseconds);

    public void Clear() => _nanoseconds.Clear();

    /// <summary>So many of them were shorter.</summary>
    public double At(double quantile)
    {
        var sorted = _nanoseconds.Order().ToArray();
        return sorted[(int)(quantile * (sorted.Length - 1))];
    }
}
