using System.Diagnostics;
using System.Text.Json;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class ProblemTests
{
    [Theory]
    [InlineData("missing", 400, TenantErrorCodes.Missing)]
    [InlineData("unknown", 404, TenantErrorCodes.Unknown)]
    [InlineData("suspended", 403, TenantErrorCodes.Suspended)]
    [InlineData("mismatch", 403, TenantErrorCodes.Mismatch)]
    [InlineData("unavailable", 503, TenantErrorCodes.Unavailable)]
    [InlineData("busy", 429, TenantErrorCodes.Busy)]
    public async Task A_tenant_error_of_an_endpoint_is_a_problem_that_tells_no_ids(string error, int status, string code)
    {
        foreach (var handler in new[] { "none", "before", "after" })
        {
            await using var app = await StartAsync(handler);

            var answer = await app.GetAsync("/throws/" + error, "tenant-id: acme");

            answer.ShouldBeRefused(status, code);
            answer.Body.ShouldNotContain("globex");
            answer.Body.ShouldNotContain("Password");
            answer.Body.ShouldNotContain("   at ");
            answer.Headers["retry-after"].ShouldBe(error switch { "unavailable" => ["5"], "busy" => ["3"], _ => [] });
            answer.Headers["half-done"].ShouldBeEmpty();
            string.Join(',', answer.Headers["cache-control"]).ShouldContain("no-store");
            var problem = JsonDocument.Parse(answer.Body).RootElement;
            problem.GetProperty("status").GetInt32().ShouldBe(status);
            problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
            problem.GetProperty("type").GetString().ShouldNotBeNullOrEmpty();
        }
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json")]
    public async Task The_applications_problem_details_are_asked_and_any_client_gets_the_code(string accept)
    {
        await using var app = await StartAsync("none", services => services.AddProblemDetails(problems =>
            problems.CustomizeProblemDetails = problem => problem.ProblemDetails.Extensions["node"] = "n1"));

        var answer = await app.GetAsync("/who", "accept: " + accept);

        answer.ShouldBeRefused(400, TenantErrorCodes.Missing);
        JsonDocument.Parse(answer.Body).RootElement.TryGetProperty("node", out _).ShouldBe(accept == "application/json");
    }

    [Fact]
    public async Task A_tenant_error_after_the_response_has_started_ends_the_connection()
    {
        await using var app = await StartAsync("none");

        await Should.ThrowAsync<HttpRequestException>(() => app.GetAsync("/late", "tenant-id: acme"));
    }

    [Fact]
    public async Task An_error_that_is_not_the_tenants_stays_the_applications()
    {
        await using var app = await StartAsync("none");

        var answer = await app.GetAsync("/bug", "tenant-id: acme");

        (answer.Status, answer.Body).ShouldBe((500, ""));
        (await app.GetAsync("/who", "tenant-id: globex")).ShouldBeTenant("globex");
    }

    [Fact]
    public async Task An_error_page_that_runs_the_pipeline_again_runs_for_the_requests_tenant()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.UseExceptionHandler("/error").UseMultiTenancy();
            app.MapGet("/error", (ITenantContext tenants) => $"sorry, {tenants.Current?.Id}");
            app.MapGet("/bug", string () => throw new InvalidOperationException("bug"));
        });

        var answer = await app.GetAsync("/bug", "tenant-id: acme");

        (answer.Status, answer.Body).ShouldBe((500, "sorry, acme"));
    }

    [Fact]
    public async Task A_store_that_fails_is_unavailable_and_says_nothing_of_its_reason()
    {
        await using var app = await StartAsync("none", services => services.Replace(ServiceDescriptor.Singleton<ITenantStore>(new BrokenStore())));

        var answer = await app.GetAsync("/who", "tenant-id: acme");

        answer.ShouldBeRefused(503, TenantErrorCodes.Unavailable);
        answer.Body.ShouldNotContain("Password");
    }

    [Fact]
    public async Task A_client_that_goes_away_during_admission_is_no_error()
    {
        var (store, log) = (new SlowStore(), new ErrorLog());
        await using var app = await StartAsync("none", services =>
        {
            services.Replace(ServiceDescriptor.Singleton<ITenantStore>(store));
            services.AddSingleton<ILoggerProvider>(log);
        });
        using var gone = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who") { Headers = { { "tenant-id", "acme" } } };

        var answer = app.Client.SendAsync(request, gone.Token);
        await store.Asked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(answer);
        (await log.Status.Task.WaitAsync(Patience, TestContext.Current.CancellationToken)).ShouldBe(499);
        log.Errors.ShouldBe(0);
    }

    [Fact]
    public async Task The_tenant_is_on_the_activity_and_on_every_line_of_the_log()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var log = new ErrorLog();
        await using var app = await StartAsync("none", services => services.AddSingleton<ILoggerProvider>(log));

        (await app.GetAsync("/telemetry", "tenant-id: acme")).Body.ShouldBe("acme");
        log.ScopeOfHello.ShouldBe("acme");
    }

    private static TimeSpan Patience => TimeSpan.FromSeconds(60);

    private static Task<TestApp> StartAsync(string handler, Action<IServiceCollection>? services = null) => TestApp.StartAsync(
        app =>
        {
            if (app.Services.GetServices<ILoggerProvider>().OfType<ErrorLog>().FirstOrDefault() is { } log)
            {
                app.Use(log.RecordAsync);
            }

            _ = handler switch
            {
                "before" => app.UseExceptionHandler("/error").UseMultiTenancy(),
                "after" => app.UseMultiTenancy().UseExceptionHandler("/error"),
                _ => app.UseMultiTenancy(),
            };
            app.MapGet("/error", () => "handled").AllowNoTenant();
            app.MapGet("/who", (ITenantContext tenants) => tenants.Required.Id.Value);
            app.MapGet("/bug", string () => throw new InvalidOperationException("bug"));
            app.MapGet("/telemetry", (ILogger<ProblemTests> logger) =>
            {
                logger.Log(LogLevel.Information, default, "hello", null, (text, _) => text);
                return Activity.Current?.GetTagItem("tenant.id")?.ToString();
            });
            app.MapGet("/late", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("half");
                await context.Response.Body.FlushAsync();
                throw new TenantMissingException();
            });
            app.MapGet("/throws/{error}", string (string error, HttpContext context) =>
            {
                context.Response.Headers["half-done"] = "globex";
                throw error switch
                {
                    "missing" => new TenantMissingException(),
                    "unknown" => new TenantUnknownException("globex"),
                    "suspended" => new TenantSuspendedException(TenantId.Parse("globex")),
                    "mismatch" => new TenantMismatchException("acme", "globex", "The context was used"),
                    "busy" => new TenantBusyException("globex", "Password=secret", TimeSpan.FromSeconds(2.1)),
                    _ => new TenantUnavailableException("globex", "Password=secret"),
                };
            });
        },
        services: services);

    private sealed class BrokenStore : ITenantStore
    {
        public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("Host=db;Password=secret");

        public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Tenant>();
    }

    private sealed class SlowStore : ITenantStore
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default)
        {
            Asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        }

        public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Tenant>();
    }

    private sealed class ErrorLog : ILoggerProvider, ISupportExternalScope, ILogger
    {
        private IExternalScopeProvider? _scopes;
        private int _errors;

        public int Errors => _errors;

        public string? ScopeOfHello { get; private set; }

        public TaskCompletionSource<int> Status { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task RecordAsync(HttpContext context, RequestDelegate next)
        {
            await next(context);
            Status.TrySetResult(context.Response.StatusCode);
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (level >= LogLevel.Error)
            {
                Interlocked.Increment(ref _errors);
            }

            if (formatter(state, exception) == "hello")
            {
                _scopes!.ForEachScope((scope, _) => ScopeOfHello ??= (scope as IEnumerable<KeyValuePair<string, object>>)?
                    .FirstOrDefault(pair => pair.Key == "tenant.id").Value?.ToString(), 0);
            }
        }

        public void Dispose()
        {
        }
    }
}
