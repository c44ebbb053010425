using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Freehold.Core.Audit;

/// <summary>Tells the log, the meter and the sinks of a host what crossed from tenant to tenant.</summary>
internal sealed partial class TenantAudit(ILoggerFactory loggers, IEnumerable<ITenantAuditSink> sinks, TimeProvider time)
{
    private static readonly Counter<long> Events = TenantTelemetry.Meter.CreateCounter<long>(
        "freehold.audit.events", "{event}", "Crossings from tenant to tenant: entered, allowed, reported, refused.");

    private readonly ILogger _logger = loggers.CreateLogger("Freehold.Audit");
    private readonly ITenantAuditSink[] _sinks = [.. sinks];

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Tells of it. What a sink throws is thrown on, unless the event is a refusal: that one stands without it.</summary>
    public void Record(TenantAuditEvent auditEvent)
    {
        Events.Add(1, new("kind", auditEvent.Kind.ToString()), new("outcome", auditEvent.Outcome.ToString()));
        Log(auditEvent);
        foreach (var sink in _sinks)
        {
            try
            {
                sink.Record(auditEvent);
            }
            catch (Exception failure) when (auditEvent.Outcome == TenantAuditOutcome.Refused)
            {
                SinkFailed(_logger, sink.GetType().Name, failure);
            }
        }
    }

    private void Log(TenantAuditEvent e)
    {
        switch (e.Outcome)
        {
            case TenantAuditOutcome.Allowed when e.Kind == TenantAuditKind.AdminScopeEntered:
                Entered(_logger, e.TenantId, e.Reason);
                break;
            case TenantAuditOutcome.Allowed:
                Allowed(_logger, e.Description, e.TenantId, e.OtherTenantId, e.Reason, e.Statement);
                break;
            case TenantAuditOutcome.Reported:
                Reported(_logger, e.Description, e.TenantId, e.OtherTenantId, e.Statement);
                break;
            default:
                Refused(_logger, e.Description, e.TenantId, e.OtherTenantId, e.Statement);
                break;
        }
    }

    [LoggerMessage(1401, LogLevel.Information, "An admin scope was entered at tenant {TenantId}: {Reason}")]
    private static partial void Entered(ILogger logger, string? tenantId, string? reason);

    [LoggerMessage(1402, LogLevel.Information, "{What}: allowed to tenant {TenantId}, reaching for {OtherTenantId}, because: {Reason} {Statement}")]
    private static partial void Allowed(ILogger logger, string what, string? tenantId, string? otherTenantId, string? reason, string? statement);

    [LoggerMessage(1403, LogLevel.Warning, "{What}: done by tenant {TenantId}, reaching for {OtherTenantId}, outside an AdminScope. {Statement}")]
    private static partial void Reported(ILogger logger, string what, string? tenantId, string? otherTenantId, string? statement);

    [LoggerMessage(1404, LogLevel.Warning, "{What}: refused to tenant {TenantId}, reaching for {OtherTenantId}. {Statement}")]
    private static partial void Refused(ILogger logger, string what, string? tenantId, string? otherTenantId, string? statement);

    [LoggerMessage(1405, LogLevel.Error, "The audit sink {Sink} failed while a refusal was recorded; the refusal stands.")]
    private static partial void SinkFailed(ILogger logger, string sink, Exception failure);
}
