using Microsoft.Extensions.Options;

namespace Freehold.Core.Data.Budget;

/// <summary>
/// Hands out the connections of all servers, under one lock, because work that has a connection of one server may wait for one of another.
/// Nothing is waited for inside the lock.
/// </summary>
internal sealed class ConnectionBudget(IOptions<ConnectionLimitOptions> options, BudgetMetrics metrics, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly ConnectionLimitOptions _options = options.Value;
    private readonly Dictionary<string, ServerBudget> _servers = new(StringComparer.Ordinal);
    private readonly HashSet<ConnectionPermit> _held = [];
    private readonly List<ConnectionWaiter> _nested = [];

    /// <summary>The budget of a server; the same one whoever asks.</summary>
    public ServerBudget Of(string server, int maxPoolSize)
    {
        lock (_gate)
        {
            if (!_servers.TryGetValue(server, out var budget))
            {
                budget = new(
                    this, server, _options.LimitOf(server, maxPoolSize), _options.TenantLimitOf(server, maxPoolSize), _options.ReserveOf(maxPoolSize));
                _servers.Add(server, budget);
            }

            return budget;
        }
    }

    /// <exception cref="TenantBusyException">The tenant uses all that it may, and its queue is full or did not move in time.</exception>
    /// <exception cref="TenantUnavailableException">The same of the server.</exception>
    public ValueTask<ConnectionPermit> TakeAsync(ServerBudget server, Tenant? tenant, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ConnectionWaiter waiter;
        var scope = TenantScope.CurrentScope;
        lock (_gate)
        {
            var share = server.Share(tenant);
            if (!server.IsFull && !share.IsFull && share.Waiting.Count == 0)
            {
                return new(Grant(share, scope));
            }

            waiter = Enqueue(share, scope);
            LetPassWhoWaitsForItself();
            if (waiter.Place is not null && Overflow(waiter) is { } refusal)
            {
                Leave(waiter);
                metrics.Refused(share, BudgetMetrics.QueueFull);
                throw refusal;
            }
        }

        return WaitAsync(waiter, cancellationToken);
    }

    public void GiveBack(ConnectionPermit permit)
    {
        lock (_gate)
        {
            var server = permit.Share.Server;
            _held.Remove(permit);
            server.Remove(permit.Share);
            metrics.Used(permit.Share, -1);
            while (server.Next() is { } waiter)
            {
                Pass(waiter);
            }

            LetPassWhoWaitsForItself();
        }
    }

    private async ValueTask<ConnectionPermit> WaitAsync(ConnectionWaiter waiter, CancellationToken cancellationToken)
    {
        var timer = time.CreateTimer(_ => TimeOut(waiter), null, _options.WaitLimit, Timeout.InfiniteTimeSpan);
        await using var ending = timer.ConfigureAwait(false);
        using var cancelling = cancellationToken.UnsafeRegister(_ => Cancel(waiter, cancellationToken), null);
        return await waiter.End.ConfigureAwait(false);
    }

    private void Cancel(ConnectionWaiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!Leave(waiter))
            {
                return;
            }
        }

        waiter.Cancel(cancellationToken);
    }

    private void TimeOut(ConnectionWaiter waiter)
    {
        Exception refusal;
        lock (_gate)
        {
            refusal = BudgetRefusal.TimedOut(waiter.Share, _options.WaitLimit);
            if (!Leave(waiter))
            {
                return;
            }

            metrics.Refused(waiter.Share, BudgetMetrics.TimedOut);
        }

        waiter.Refuse(refusal);
    }

    private ConnectionWaiter Enqueue(TenantShare share, TenantScope? scope)
    {
        var waiter = new ConnectionWaiter(share, scope) { IsNested = _held.Any(permit => ConnectionWaiter.MayHold(scope, permit)) };
        share.Server.Enqueue(waiter);
        metrics.Waiting(share, 1);
        if (waiter.IsNested)
        {
            _nested.Add(waiter);
        }

        return waiter;
    }

    private TenantException? Overflow(ConnectionWaiter waiter) =>
        waiter.Share.Waiting.Count > _options.QueuePerTenant ? BudgetRefusal.TenantQueueFull(waiter.Share, _options.QueuePerTenant)
        : waiter.Share.Server.Waiting > _options.QueuePerServer ? BudgetRefusal.ServerQueueFull(waiter.Share, _options.QueuePerServer)
        : null;

    private bool Leave(ConnectionWaiter waiter)
    {
        if (!waiter.Share.Server.Dequeue(waiter))
        {
            return false;
        }

        _nested.Remove(waiter);
        metrics.Waiting(waiter.Share, -1);
        return true;
    }

    private void Pass(ConnectionWaiter waiter)
    {
        _nested.Remove(waiter);
        metrics.Waiting(waiter.Share, -1);
        waiter.Grant(Grant(waiter.Share, waiter.Scope));
    }

    private ConnectionPermit Grant(TenantShare share, TenantScope? scope)
    {
        var permit = new ConnectionPermit(this, share, scope);
        share.Server.Add(share);
        _held.Add(permit);
        metrics.Used(share, 1);
        return permit;
    }

    // Whoever waits for connections that are all held by work which itself waits would wait for ever: one is let pass, and when it is done the
    // next is looked for. Asked whenever somebody more waits or one held connection less runs; nobody is nested where no work takes two.
    private void LetPassWhoWaitsForItself()
    {
        for (var i = 0; i < _nested.Count;)
        {
            var waiter = _nested[i];
            if (!waiter.Share.Server.IsExhaustedFor(waiter.Share) && IsStuck(waiter.Share))
            {
                waiter.Share.Server.Dequeue(waiter);
                Pass(waiter);
                i = 0;
            }
            else
            {
                i++;
            }
        }
    }

    private bool IsStuck(TenantShare share) => _held
        .Where(permit => share.IsFull ? permit.Share == share : permit.Share.Server == share.Server)
        .All(permit => _nested.Any(waiter => waiter.MayHold(permit)));
}
