using Serilog.Core;
using Serilog.Events;

namespace Freehold.Integrations.Serilog;

/// <summary>Puts the ambient tenant on an event. A property of that name that the event has already stays.</summary>
internal sealed class TenantEnricher(string propertyName) : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        if (TenantScope.Current is { } tenant)
        {
            logEvent.AddPropertyIfAbsent(new LogEventProperty(propertyName, new ScalarValue(tenant.Id.Value)));
        }
    }
}
