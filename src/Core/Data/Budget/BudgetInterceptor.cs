using System.Data.Common;
using Freehold.Core.Data.Session;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Freehold.Core.Data.Budget;

/// <summary>
/// Takes a context's permit when its connection opens: that is where EF can wait without a thread, and a context that is injected and never
/// used takes none. Comes after the guard, so that what is refused does not wait.
/// </summary>
internal sealed class BudgetInterceptor(TenantLease lease) : DbConnectionInterceptor
{
    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        // Who opens synchronously waits synchronously, as for the network. The permit is handed over by the thread that gives it back.
        lease.Connection.TakeAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return result;
    }

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        await lease.Connection.TakeAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => lease.Connection.Opened(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        lease.Connection.Opened(connection);
        return Task.CompletedTask;
    }

    public override void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) => lease.Connection.Closed();

    public override Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData)
    {
        lease.Connection.Closed();
        return Task.CompletedTask;
    }

    public override void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) => lease.Connection.Closed();

    public override Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        lease.Connection.Closed();
        return Task.CompletedTask;
    }

    public override void ConnectionCanceled(DbConnection connection, ConnectionEndEventData eventData) => lease.Connection.Closed();

    public override Task ConnectionCanceledAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        lease.Connection.Closed();
        return Task.CompletedTask;
    }
}
