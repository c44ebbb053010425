namespace Freehold.Core.Data.Budget;

/// <summary>The right to one open connection. Given back once, however often it is disposed.</summary>
internal sealed class ConnectionPermit(ConnectionBudget budget, TenantShare share, TenantScope? scope) : IDisposable
{
    private int _isGivenBack;

    public TenantShare Share => share;

    /// <summary>Whose work took it: where the same work wants another one, it must not wait for itself.</summary>
    public TenantScope? Scope => scope;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
        {
            budget.GiveBack(this);
        }
    }
}
