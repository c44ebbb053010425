using System.Data.Common;
using System.Transactions;
using Freehold.Core.Data.Connections;

namespace Freehold.Core.Data.Budget;

/// <summary>
/// What a lease uses of its server: a permit from the opening of its connection to the closing, and at the latest to the lease's return,
/// because not every closing is told.
/// </summary>
internal sealed class LeasedConnection
{
    private ConnectionSource? _source;
    private Tenant? _tenant;
    private string? _schema;
    private ConnectionPermit? _permit;
    private int _lease;

    public void Begin(ConnectionSource source, Tenant? tenant, string? schema)
    {
        _source = source;
        _tenant = tenant;
        _schema = schema;
        _lease++;
    }

    public void End()
    {
        _source = null;
        _tenant = null;
        GiveBack();
    }

    /// <summary>Waits for a permit, where the lease has none and connections are counted.</summary>
    public ValueTask TakeAsync(CancellationToken cancellationToken) =>
        _permit is not null || _source?.Budget is not { } budget ? default : TakeAsync(budget, cancellationToken);

    /// <summary>The connection opened, on whichever of the pool's sessions.</summary>
    public void Opened(DbConnection connection) => _source?.Opened(connection, _schema);

    /// <summary>The connection closed, or did not open.</summary>
    public void Closed()
    {
        // Inside a TransactionScope the connection goes back to its pool when that ends, which nobody tells: it is the lease's until its return.
        if (Transaction.Current is null)
        {
            GiveBack();
        }
    }

    private async ValueTask TakeAsync(ServerBudget budget, CancellationToken cancellationToken)
    {
        var lease = _lease;
        var permit = await budget.TakeAsync(_tenant, cancellationToken).ConfigureAwait(false);
        if (_source is null || lease != _lease)
        {
            permit.Dispose();
            throw new ObjectDisposedException("DbContext", "The context was returned while it waited for a connection. Await what uses it before disposing it.");
        }

        _permit = permit;
    }

    private void GiveBack()
    {
        _permit?.Dispose();
        _permit = null;
    }
}
