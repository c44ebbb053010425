using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Freehold.Core.Tests.Telemetry;

/// <summary>The tenant on log events, whoever writes them and whoever reads them.</summary>
public sealed partial class LoggingTests
{
    private static readonly Tenant A = new("a1");
    private static readonly Tenant B = new("b1");

    [Fact]
    public async Task An_event_has_the_tenant_it_is_written_in_and_none_outside()
    {
        await using var services = Build();
        var logger = services.GetRequiredService<ILogger<LoggingTests>>();

        Hello(logger);
        using (TenantScope.Enter(A))
        {
            using var own = logger.BeginScope("own");
            Hello(logger);
            using (TenantScope.Enter(B))
            {
                await Task.Run(() => Hello(logger));
                using (TenantScope.EnterNone())
                {
                    Hello(logger);
                }
            }

            Hello(logger);
        }

        Hello(logger);

        var log = services.GetRequiredService<ScopeLog>();
        log.Tenants.ShouldBe(["", "a1", "b1", "", "a1", ""]);
        log.Events.ElementAt(1).Scopes.Select(scope => scope?.ToString()).ShouldBe(["tenant a1", "own"]);
    }

    [Fact]
    public async Task Interleaved_flows_log_their_own_tenants()
    {
        await using var services = Build();
        var logger = services.GetRequiredService<ILogger<LoggingTests>>();
        using var together = new Barrier(8);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(
            () =>
            {
                using var entered = TenantScope.Enter(new Tenant($"t{i}"));
                together.SignalAndWait();
                Say(logger, $"t{i}");
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        var log = services.GetRequiredService<ScopeLog>();
        log.Tenants.ShouldBe(log.Events.Select(one => one.Text));
        log.Events.Count.ShouldBe(8);
    }

    [Fact]
    public async Task The_console_writes_it_as_json()
    {
        await using var services = Build();
        using (TenantScope.Enter(A))
        {
            Hello(services.GetRequiredService<ILogger<LoggingTests>>());
        }

        var scope = JsonDocument.Parse(services.GetRequiredService<ScopeLog>().Events.Single().Written).RootElement.GetProperty("Scopes")[0];
        scope.GetProperty("Message").GetString().ShouldBe("tenant a1");
        scope.GetProperty("tenant.id").GetString().ShouldBe("a1");
    }

    [Fact]
    public async Task OpenTelemetry_exports_it_as_an_attribute()
    {
        var exported = new List<string>();
        await using var services = Build(configure: collection => collection.AddLogging(logging => logging.AddOpenTelemetry(otel =>
        {
            otel.IncludeScopes = true;
            otel.AddProcessor(new Reader(exported));
        })));
        var logger = services.GetRequiredService<ILogger<LoggingTests>>();

        using (TenantScope.Enter(A))
        {
            Hello(logger);
        }

        Hello(logger);

        exported.ShouldBe(["tenant.id=a1", ""]);
    }

    [Fact]
    public void The_trace_that_the_host_puts_around_events_stays()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMultiTenancy(_ => { });
        builder.Services.AddSingleton<ScopeLog>().AddSingleton<ILoggerProvider>(services => services.GetRequiredService<ScopeLog>());
        using var host = builder.Build();
        using var activity = new Activity("work").Start();
        using (TenantScope.Enter(A))
        {
            Hello(host.Services.GetRequiredService<ILogger<LoggingTests>>());
        }

        var properties = ScopeLog.Properties(host.Services.GetRequiredService<ScopeLog>().Events.Single().Scopes).ToDictionary();
        properties["TraceId"]?.ToString().ShouldBe(activity.TraceId.ToString());
        properties["SpanId"]?.ToString().ShouldBe(activity.SpanId.ToString());
        properties["tenant.id"].ShouldBe("a1");
    }

    public static TheoryData<string, Action<IServiceCollection>> OwnProviders => new()
    {
        { "type", services => services.AddSingleton<IExternalScopeProvider, OwnScopes>() },
        { "factory", services => services.AddSingleton<IExternalScopeProvider>(_ => new OwnScopes()) },
        { "instance", services => services.AddSingleton<IExternalScopeProvider>(new OwnScopes()) },
    };

    [Theory]
    [MemberData(nameof(OwnProviders))]
    public async Task A_scope_provider_of_the_applications_own_is_kept(string how, Action<IServiceCollection> register)
    {
        await using var services = Build(before: register);
        using (TenantScope.Enter(A))
        {
            Hello(services.GetRequiredService<ILogger<LoggingTests>>());
        }

        services.GetRequiredService<ScopeLog>().Events.Single().Scopes.Select(scope => scope?.ToString()).ShouldBe(["tenant a1", "its own"], how);
    }

    [Fact]
    public async Task An_event_costs_no_memory_more()
    {
        await using var services = Build();
        _ = services.GetRequiredService<ILogger<LoggingTests>>();
        var scopes = services.GetRequiredService<ScopeLog>().Scopes!;
        using var entered = TenantScope.Enter(A);
        var seen = new Counter();
        Read(scopes, seen);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            Read(scopes, seen);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        seen.Tenants.ShouldBe(1_001);

        static void Read(IExternalScopeProvider scopes, Counter seen) => scopes.ForEachScope(
            static (scope, seen) => seen.Tenants += scope is IReadOnlyList<KeyValuePair<string, object?>> { Count: 1 } list && list[0].Value is "a1" ? 1 : 0, seen);
    }

    private static ServiceProvider Build(Action<IServiceCollection>? before = null, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        before?.Invoke(services);
        services.AddLogging(logging => logging.AddJsonConsole(json => json.IncludeScopes = true)).AddMultiTenancy(_ => { });
        foreach (var console in services.Where(service => service.ServiceType == typeof(ILoggerProvider)).ToArray())
        {
            services.Remove(console);
        }

        services.AddSingleton<ScopeLog>().AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<ScopeLog>());
        configure?.Invoke(services);
        return services.BuildServiceProvider();
    }

    [LoggerMessage(1, LogLevel.Information, "hello")]
    private static partial void Hello(ILogger logger);

    [LoggerMessage(2, LogLevel.Information, "{Text}")]
    private static partial void Say(ILogger logger, string text);

    private sealed class Counter
    {
        public int Tenants { get; set; }
    }

    private sealed class OwnScopes : IExternalScopeProvider
    {
        public void ForEachScope<TState>(Action<object?, TState> callback, TState state) => callback("its own", state);

        public IDisposable Push(object? state) => throw new NotSupportedException();
    }

    private sealed class Reader(List<string> exported) : BaseProcessor<LogRecord>
    {
        public override void OnEnd(LogRecord data)
        {
            var attributes = new List<string>();
            data.ForEachScope(
                (scope, found) =>
                {
                    foreach (var pair in scope)
                    {
                        found.Add($"{pair.Key}={pair.Value}");
                    }
                },
                attributes);
            exported.Add(string.Join(" ", attributes));
        }
    }
}
