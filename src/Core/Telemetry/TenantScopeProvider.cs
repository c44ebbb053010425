using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Telemetry;

/// <summary>
/// Puts the ambient tenant around the scopes of every log event: as it is when the event is written, so there is nothing to begin, to end or to forget.
/// </summary>
internal sealed class TenantScopeProvider(IExternalScopeProvider inner) : IExternalScopeProvider
{
    /// <summary>Registers it around the application's own provider, or around the one that logging would make.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var own = services.LastOrDefault(service => service.ServiceType == typeof(IExternalScopeProvider) && !service.IsKeyedService);
        services.AddSingleton<IExternalScopeProvider>(provider => new TenantScopeProvider(own is null ? Default(provider) : Build(own, provider)));
    }

    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        if (TenantScope.CurrentLogScope is { } tenant)
        {
            callback(tenant, state);
        }

        inner.ForEachScope(callback, state);
    }

    public IDisposable Push(object? state) => inner.Push(state);

    private static IExternalScopeProvider Build(ServiceDescriptor own, IServiceProvider services) => (IExternalScopeProvider)(
        own.ImplementationInstance ?? own.ImplementationFactory?.Invoke(services) ?? ActivatorUtilities.CreateInstance(services, own.ImplementationType!));

    // The one of LoggerFactory is internal to it and knows the trace that events belong to (LoggerFactoryOptions.ActivityTrackingOptions): a factory
    // with the same options is asked for its own.
    private static IExternalScopeProvider Default(IServiceProvider services)
    {
        using var asked = new Asked();
        using var factory = new LoggerFactory(
            [asked], services.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>(), services.GetRequiredService<IOptions<LoggerFactoryOptions>>());
        return asked.Scopes ?? new LoggerExternalScopeProvider();
    }

    private sealed class Asked : ILoggerProvider, ISupportExternalScope
    {
        public IExternalScopeProvider? Scopes { get; private set; }

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => Scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
