using System.Collections.Concurrent;
using System.Diagnostics;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Hangfire.Common;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire.Tests;

/// <summary>Who is told about the tenant besides the job: its logs, its span, what is disposed with it.</summary>
public sealed partial class ObservabilityTests
{
    [Fact]
    public async Task What_a_job_logs_carries_its_tenant_and_so_does_its_span()
    {
        using var logs = new ScopeRecorder();
        await using var host = await JobsHost.StartWithTenantsAsync(JobStorages.InMemory(), services => services
            .AddSingleton(WithTenants(logs)).AddScoped<Resource>().AddSingleton<Witness>());

        await host.ReadToEndAsync(host.CreateIn("acme", client => client.Enqueue<LoggingJob>(job => job.RunAsync())));

        logs.TenantsOf("working").ShouldBe(["acme"]);
        host.Services.GetRequiredService<Witness>().TagOfSpan.ShouldBe("acme");
    }

    [Fact]
    public async Task A_refusal_is_logged_with_its_code()
    {
        using var logs = new ScopeRecorder();
        await using var host = await JobsHost.StartWithTenantsAsync(
            JobStorages.InMemory(), services => services.AddSingleton<ILoggerFactory>(new LoggerFactory([logs])));

        var job = host.CreateIn("nobody", client => client.Enqueue<VisitJob>(job => job.RunAsync(Guid.Empty)));
        await host.ReadToEndAsync(job);

        logs.Messages.ShouldContain(message => message.StartsWith($"Job {job} was refused with {TenantErrorCodes.Unknown}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_jobs_scope_disposes_is_disposed_in_the_tenant()
    {
        await using var host = await JobsHost.StartWithTenantsAsync(
            JobStorages.InMemory(), services => services.AddScoped<Resource>().AddSingleton<Witness>());

        await host.ReadToEndAsync(host.CreateIn("acme", client => client.Enqueue<LoggingJob>(job => job.RunAsync())));

        host.Services.GetRequiredService<Witness>().TenantAtDisposal.ShouldBe("acme");
    }

    // The factory that AddMultiTenancy has part in, of a container that nobody disposes: Hangfire keeps the factory for the next host.
    private static ILoggerFactory WithTenants(ILoggerProvider logs) => new ServiceCollection()
        .AddMultiTenancy(_ => { }).AddSingleton(logs).BuildServiceProvider().GetRequiredService<ILoggerFactory>();

    public sealed class Witness
    {
        public string? TagOfSpan { get; set; }

        public string? TenantAtDisposal { get; set; }
    }

    public sealed class Resource(ITenantContext tenants, Witness witness) : IDisposable
    {
        public void Dispose() => witness.TenantAtDisposal = tenants.Current?.Id.Value;
    }

    [InSpan]
    public sealed partial class LoggingJob(ILoggerFactory loggers, Witness witness, Resource resource)
    {
        public async Task RunAsync()
        {
            await Task.Yield();
            resource.ShouldNotBeNull();
            witness.TagOfSpan = Activity.Current?.GetTagItem("tenant.id") as string;
            LogWorking(loggers.CreateLogger<LoggingJob>());
        }

        [LoggerMessage(1, LogLevel.Information, "working")]
        private static partial void LogWorking(ILogger logger);
    }

    /// <summary>Starts a span around a job, as OpenTelemetry's filter does.</summary>
    public sealed class InSpanAttribute : JobFilterAttribute, IServerFilter
    {
        public void OnPerforming(PerformingContext context) => context.Items["span"] = new Activity("job").Start();

        public void OnPerformed(PerformedContext context) => ((Activity)context.Items["span"]).Stop();
    }

    private sealed class ScopeRecorder : ILoggerProvider, ISupportExternalScope, ILogger
    {
        private readonly ConcurrentQueue<(string Message, string? Tenant)> _entries = new();
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public IEnumerable<string> Messages => _entries.Select(entry => entry.Message);

        public IEnumerable<string?> TenantsOf(string message) => _entries.Where(entry => entry.Message == message).Select(entry => entry.Tenant);

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => _scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string? tenant = null;
            _scopes.ForEachScope<object?>(
                (scope, _) => tenant = (scope as IEnumerable<KeyValuePair<string, object>>)?.FirstOrDefault(pair => pair.Key == "tenant.id").Value as string ?? tenant,
                null);
            _entries.Enqueue((formatter(state, exception), tenant));
        }

        public void Dispose()
        {
        }
    }
}
