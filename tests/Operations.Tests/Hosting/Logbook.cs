using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Tests.Hosting;

/// <summary>What was logged, to read.</summary>
internal sealed class Logbook : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(EventId Event, LogLevel Level, string Text)> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((eventId, logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
