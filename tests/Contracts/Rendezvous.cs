namespace Freehold.Contracts;

/// <summary>Lets nobody on before <paramref name="width"/> have arrived, again and again: what passes has really run at the same time.</summary>
public sealed class Rendezvous(int width)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _full = NewParty();
    private int _arrived;

    public Task ArriveAsync()
    {
        lock (_lock)
        {
            var party = _full;
            if (++_arrived == width)
            {
                _arrived = 0;
                _full = NewParty();
                party.SetResult();
            }

            return party.Task.WaitAsync(Visit.Patience);
        }
    }

    private static TaskCompletionSource NewParty() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
