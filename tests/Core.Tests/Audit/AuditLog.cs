using System.Collections.Concurrent;

namespace Freehold.Core.Tests.Audit;

/// <summary>Keeps what an application's audit tells; can be made to fail.</summary>
public sealed class AuditLog : ITenantAuditSink
{
    private readonly ConcurrentQueue<TenantAuditEvent> _events = [];

    public bool Fails { get; set; }

    public IReadOnlyList<TenantAuditEvent> Events => [.. _events];

    public void Record(TenantAuditEvent auditEvent)
    {
        if (Fails)
        {
            throw new InvalidOperationException("The audit is full.");
        }

        _events.Enqueue(auditEvent);
    }

    /// <summary>The events since the last call, without those of entering a scope.</summary>
    public TenantAuditEvent[] Take()
    {
        var taken = Events.Where(e => e.Kind != TenantAuditKind.AdminScopeEntered).ToArray();
        _events.Clear();
        return taken;
    }
}
