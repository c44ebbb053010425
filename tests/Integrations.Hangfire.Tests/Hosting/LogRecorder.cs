using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire.Tests.Hosting;

/// <summary>A log event, with the values of its placeholders.</summary>
internal sealed record LogEvent(int Id, string Message, IReadOnlyDictionary<string, string?> Values);

/// <summary>Keeps what Freehold logs.</summary>
internal sealed class LogRecorder : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<LogEvent> _events = new();

    public IEnumerable<LogEvent> Events => _events;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = state as IEnumerable<KeyValuePair<string, object?>> ?? [];
        _events.Enqueue(new(eventId.Id, formatter(state, exception), values.ToDictionary(pair => pair.Key, pair => pair.Value?.ToString())));
    }

    public void Dispose()
    {
    }
}
