using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Freehold.Core.Tests.Telemetry;

/// <summary>What was logged, with the scopes around it: by themselves, and as the formatter of the console writes them.</summary>
internal sealed class ScopeLog(IEnumerable<ConsoleFormatter>? formatters = null) : ILoggerProvider, ISupportExternalScope, ILogger
{
    private readonly ConsoleFormatter? _json = formatters?.Single(formatter => formatter.Name == ConsoleFormatterNames.Json);

    public ConcurrentQueue<(string Text, IReadOnlyList<object?> Scopes, string Written)> Events { get; } = new();

    public IExternalScopeProvider? Scopes { get; private set; }

    /// <summary>The tenants among the scopes of each event, outermost first.</summary>
    public IEnumerable<string> Tenants => Events.Select(one => string.Join(" ", Properties(one.Scopes).Where(pair => pair.Key == "tenant.id").Select(pair => pair.Value)));

    public static IEnumerable<KeyValuePair<string, object?>> Properties(IReadOnlyList<object?> scopes) =>
        scopes.OfType<IEnumerable<KeyValuePair<string, object?>>>().SelectMany(scope => scope);

    public ILogger CreateLogger(string categoryName) => this;

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => Scopes = scopeProvider;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => throw new InvalidOperationException("Scopes are the factory's.");

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var scopes = new List<object?>();
        Scopes?.ForEachScope((scope, found) => found.Add(scope), scopes);
        using var written = new StringWriter();
        _json?.Write(new LogEntry<TState>(logLevel, "", eventId, state, exception, formatter), Scopes, written);
        Events.Enqueue((formatter(state, exception), scopes, written.ToString()));
    }

    public void Dispose()
    {
    }
}
