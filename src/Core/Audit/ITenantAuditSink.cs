namespace Freehold;

/// <summary>Takes audit events to where they are kept. Register with <c>AddAuditSink</c>; every event goes to every sink.</summary>
public interface ITenantAuditSink
{
    /// <summary>
    /// Called within the work, before what is allowed happens: be quick, and hand on what takes time. One that throws stops what would have been
    /// allowed, so that nothing happens unseen; a refusal stands, and the failure is logged.
    /// </summary>
    void Record(TenantAuditEvent auditEvent);
}
