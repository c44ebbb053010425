using System.Collections.Concurrent;
using Serilog.Core;
using Serilog.Events;

namespace Freehold.Integrations.Serilog.Tests;

/// <summary>The events that reached a sink.</summary>
internal sealed class EventList : ILogEventSink
{
    private readonly ConcurrentQueue<LogEvent> _events = new();

    public void Emit(LogEvent logEvent) => _events.Enqueue(logEvent);

    public LogEvent Single() => _events.Single();

    /// <summary>The events of that message: what each has of the tenant (name and value, as often as it has it).</summary>
    public IEnumerable<string> TenantsOf(string message) => _events.Where(one => one.MessageTemplate.Text == message).Select(one => string.Join(
        " ", one.Properties.Where(property => property.Key.Contains("tenant", StringComparison.OrdinalIgnoreCase) || property.Value.ToString().Contains("tenant"))));
}
