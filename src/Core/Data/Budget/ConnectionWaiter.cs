namespace Freehold.Core.Data.Budget;

/// <summary>Somebody who waits for a connection.</summary>
internal sealed class ConnectionWaiter(TenantShare share, TenantScope? scope)
{
    private readonly TaskCompletionSource<ConnectionPermit> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TenantShare Share => share;

    public TenantScope? Scope => scope;

    /// <summary>Whether the same work may hold a connection already.</summary>
    public bool IsNested { get; init; }

    /// <summary>Its place in the tenant's queue; null when it waits no more.</summary>
    public LinkedListNode<ConnectionWaiter>? Place { get; set; }

    public Task<ConnectionPermit> End => _end.Task;

    public void Grant(ConnectionPermit permit) => _end.SetResult(permit);

    public void Refuse(Exception why) => _end.SetException(why);

    public void Cancel(CancellationToken cancellationToken) => _end.SetCanceled(cancellationToken);

    /// <summary>
    /// Whether the permit may be held by the work that waits here, so that it may not come back before this has ended: it was taken in the same
    /// scope, in one around it, or in one inside it. Two scopes side by side are two pieces of work.
    /// </summary>
    public bool MayHold(ConnectionPermit permit) => MayHold(scope, permit);

    /// <inheritdoc cref="MayHold(ConnectionPermit)" />
    public static bool MayHold(TenantScope? scope, ConnectionPermit permit) =>
        permit.Scope is null || (scope is not null && (permit.Scope.Encloses(scope) || scope.Encloses(permit.Scope)));
}
