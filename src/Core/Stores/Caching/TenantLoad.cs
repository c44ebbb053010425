using System.Diagnostics.CodeAnalysis;

namespace Freehold.Core.Stores.Caching;

/// <summary>One question to the store that is under way, and those who wait for its answer. It is given up when the last of them leaves.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Its source of cancellation has no timer and no handle: there is nothing to dispose.")]
internal sealed class TenantLoad
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<Tenant?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();
    private int _waiting = 1;
    private bool _isForgotten;

    public Task<Tenant?> Answer => _answer.Task;

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>One more waits; false where this was forgotten or given up, and the store must be asked anew.</summary>
    public bool TryJoin()
    {
        lock (_gate)
        {
            if (_isForgotten || _waiting == 0)
            {
                return false;
            }

            _waiting++;
            return true;
        }
    }

    /// <summary>One less waits. True where that was the last and there is no answer yet.</summary>
    public bool Leave()
    {
        lock (_gate)
        {
            _waiting--;
            if (_waiting > 0 || _answer.Task.IsCompleted)
            {
                return false;
            }
        }

        _abandoned.Cancel();
        return true;
    }

    /// <summary>Its answer is for those who wait already, and for nobody after them.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _isForgotten = true;
        }
    }

    /// <summary>Remembers the answer, unless it was forgotten meanwhile; never at the same time as <see cref="Forget"/>.</summary>
    public void UnlessForgotten(Action remember)
    {
        lock (_gate)
        {
            if (!_isForgotten)
            {
                remember();
            }
        }
    }

    /// <summary>The store has answered.</summary>
    public void Complete(Tenant? tenant) => _answer.TrySetResult(tenant);

    /// <summary>The store has failed.</summary>
    public void Fail(Exception failure)
    {
        _answer.TrySetException(failure);

        // Seen, also where nobody waits any more.
        _ = _answer.Task.Exception;
    }
}
