using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.AspNetCore.Tests.Hosting;

/// <summary>Every event that the application logs, with its exceptions, as text.</summary>
internal sealed class AppLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text)> _events = new();

    public IReadOnlyList<(int Id, string Text)> All => [.. _events];

    public IReadOnlyList<string> Of(int id) => [.. _events.Where(logged => logged.Id == id).Select(logged => logged.Text)];

    public void Clear() => _events.Clear();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _events.Enqueue((eventId.Id, formatter(state, exception) + exception));

    public void Dispose()
    {
    }
}
