namespace Freehold.Core.Data.Budget;

/// <summary>
/// The connections of one server: who has them, and whose turn is next. Tenants take turns, and each one's callers stand in its own queue, so
/// that five hundred callers of one tenant hold up another one's first caller by one turn. Guarded by the budget's lock.
/// </summary>
internal sealed class ServerBudget(ConnectionBudget budget, string name, int limit, int tenantLimit, int reserve)
{
    private const string SharedTables = "";

    private readonly Dictionary<string, TenantShare> _shares = new(StringComparer.Ordinal);
    private readonly LinkedList<TenantShare> _turns = new();

    public string Name => name;

    public int Limit => limit;

    public int TenantLimit => tenantLimit;

    public int InUse { get; private set; }

    public int Waiting { get; private set; }

    public bool IsFull => InUse >= limit;

    /// <summary>Whether nothing is left even for work that would wait for itself.</summary>
    public bool IsExhaustedFor(TenantShare share) => InUse >= limit + reserve || (share.IsFull && share.InUse >= tenantLimit + reserve);

    public ValueTask<ConnectionPermit> TakeAsync(Tenant? tenant, CancellationToken cancellationToken) => budget.TakeAsync(this, tenant, cancellationToken);

    public TenantShare Share(Tenant? tenant)
    {
        var key = Key(tenant);
        if (!_shares.TryGetValue(key, out var share))
        {
            share = new(this, tenant);
            _shares.Add(key, share);
        }

        return share;
    }

    /// <summary>Counts one more connection. Not beyond the limits, unless the caller knows why.</summary>
    public void Add(TenantShare share)
    {
        // Taken from the queue as the tenant's last caller, it looked idle.
        _shares.TryAdd(Key(share.Tenant), share);
        InUse++;
        share.InUse++;
        PutInLine(share);
    }

    public void Remove(TenantShare share)
    {
        InUse--;
        share.InUse--;
        PutInLine(share);
    }

    /// <summary>
    /// At the end of its tenant's queue; or before those who have nothing yet, where it has a connection already: the sooner it has the other
    /// one, the sooner both are free.
    /// </summary>
    public void Enqueue(ConnectionWaiter waiter)
    {
        var queue = waiter.Share.Waiting;
        var before = waiter.IsNested ? queue.First : null;
        while (before is { Value.IsNested: true })
        {
            before = before.Next;
        }

        waiter.Place = before is null ? queue.AddLast(waiter) : queue.AddBefore(before, waiter);
        Waiting++;
        PutInLine(waiter.Share);
    }

    /// <returns>False where it waits no more.</returns>
    public bool Dequeue(ConnectionWaiter waiter)
    {
        if (waiter.Place is not { } place)
        {
            return false;
        }

        waiter.Share.Waiting.Remove(place);
        waiter.Place = null;
        Waiting--;
        PutInLine(waiter.Share);
        return true;
    }

    /// <summary>Whose turn it is, taken out of its queue; its tenant goes to the end of the line. Null where nobody may have one.</summary>
    public ConnectionWaiter? Next()
    {
        if (IsFull || _turns.First?.Value is not { } share)
        {
            return null;
        }

        var waiter = share.Waiting.First!.Value;
        _turns.RemoveFirst();
        share.Turn = null;
        Dequeue(waiter);
        return waiter;
    }

    private static string Key(Tenant? tenant) => tenant?.Id.Value ?? SharedTables;

    private void PutInLine(TenantShare share)
    {
        var isWaiting = share.Waiting.Count > 0 && !share.IsFull;
        if (isWaiting && share.Turn is null)
        {
            share.Turn = _turns.AddLast(share);
        }
        else if (!isWaiting && share.Turn is { } turn)
        {
            _turns.Remove(turn);
            share.Turn = null;
        }

        if (share.IsIdle)
        {
            _shares.Remove(Key(share.Tenant));
        }
    }
}
