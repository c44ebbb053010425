using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.MassTransit.Tests.Hosting;

/// <summary>All that an application logs from Warning on, as written.</summary>
public sealed class EventLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(EventId Id, string Text)> _events = new();

    public IReadOnlyList<(EventId Id, string Text)> Events => [.. _events];

    /// <summary>The refusals that name this message.</summary>
    public string[] RefusalsOf(Guid message) =>
        [.. Events.Where(written => written.Id.Id == 3101 && written.Text.Contains($"{message}", StringComparison.Ordinal)).Select(written => written.Text)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _events.Enqueue((eventId, $"{formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}
