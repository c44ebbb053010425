namespace Freehold.Core.Data.Budget;

/// <summary>What one tenant (or the shared tables) has of a server's connections, and who waits for more.</summary>
internal sealed class TenantShare(ServerBudget server, Tenant? tenant)
{
    public ServerBudget Server => server;

    /// <summary>Null for the shared tables.</summary>
    public Tenant? Tenant => tenant;

    public int InUse { get; set; }

    public LinkedList<ConnectionWaiter> Waiting { get; } = new();

    /// <summary>Its place among the tenants whose turn will come; null while it waits for nothing, or has all that it may.</summary>
    public LinkedListNode<TenantShare>? Turn { get; set; }

    public bool IsFull => tenant is not null && InUse >= server.TenantLimit;

    public bool IsIdle => InUse == 0 && Waiting.Count == 0;
}
