namespace Freehold.Benchmarks.Hops;

/// <summary>Counts what arrives on the far side, and says when all of a batch has.</summary>
internal sealed class Arrivals
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private TaskCompletionSource _all = new();
    private int _missing;

    /// <summary>Completes when that many have arrived; call it before they are sent.</summary>
    public Task Expect(int count)
    {
        _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _missing, count);
        return _all.Task.WaitAsync(Patience);
    }

    public void Arrived()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
        {
            _all.TrySetResult();
        }
    }
}
