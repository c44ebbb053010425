using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class SigningTests
{
    private const string SignedAt = "tenant-signed-at";
    private const int RefusedEvent = 2001;

    private static readonly string Secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Theory]
    [InlineData("http://shop.example.com/")]
    [InlineData("http://SHOP.example.com/")]
    [InlineData("http://shop.example.com:80/")]
    [InlineData("http://shop.example.com:443/")]
    [InlineData("http://shop.example.com:8080/")]
    [InlineData("http://shop.example.com./")]
    [InlineData("http://bücher.example/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://[::1]:5000/")]
    [InlineData("http://far.example/", "shop.example.com")]
    [InlineData("http://far.example/", "Shop.Example.com:80")]
    public async Task What_one_service_signs_another_believes(string address, string? host = null)
    {
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            await using var far = await StartFarAsync(version: version);
            await using var near = Near(client => client.ConfigurePrimaryHttpMessageHandler(() => Towards(far)));
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, new HttpMethod("propfind") })
            {
                using var request = new HttpRequestMessage(method, address)
                {
                    Version = version,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Headers = { Host = host },
                };

                (await SendAsync(near, request, "acme")).ShouldBeTenant("acme");
            }
        }
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "unsigned", "came without tenant-signature" },
        { "empty signature", "came without tenant-signature" },
        { "another tenant", "made for another tenant or for something else" },
        { "another method", "made for another tenant or for something else" },
        { "another host", "made for another tenant or for something else" },
        { "another port", "made for another tenant or for something else" },
        { "another time", "made for another tenant or for something else" },
        { "no time", "made for another tenant or for something else" },
        { "an empty time", "made for another tenant or for something else" },
        { "two times in one", "made for another tenant or for something else" },
        { "another secret", "or with another secret" },
        { "a message's", "made for another tenant or for something else" },
        { "a job's", "made for another tenant or for something else" },
        { "another key", "the key 'other', which is not among" },
        { "altered", "made for another tenant or for something else" },
        { "malformed", "is malformed" },
        { "two in one", "is malformed" },
        { "repeated", "more than once" },
        { "time repeated", "more than once" },
        { "expired", "seconds since 1970" },
        { "from the future", "seconds since 1970" },
        { "a time that is none", "seconds since 1970" },
        { "a negative time", "seconds since 1970" },
        { "a time beyond all calendars", "seconds since 1970" },
    };

    [Theory, MemberData(nameof(Forgeries))]
    public async Task What_is_forged_is_refused_like_an_unknown_tenant_and_one_event_says_what_was_wrong(string forgery, string reason)
    {
        var (log, clock) = (new AppLog(), new TestClock());
        await using var far = await StartFarAsync(log: log, clock: clock);
        await using var near = Near(clock: clock);
        var unknown = await far.GetAsync("/", [.. Signed(near, far, "nobody", clock.Now)]);
        unknown.ShouldBeRefused(404, TenantErrorCodes.Unknown);
        (await far.GetAsync("/", [.. Signed(near, far, "acme", clock.Now)])).ShouldBeTenant("acme");
        log.Clear();

        var answer = await far.GetRawAsync("/", [.. Forge(forgery, near, far, clock.Now)]);

        answer.ShouldBeRefused(404, TenantErrorCodes.Unknown);
        WithoutTrace(answer.Body).ShouldBe(WithoutTrace(unknown.Body), "who forges learns no more than who guesses");
        log.Of(RefusedEvent).ShouldHaveSingleItem().ShouldContain(reason);
        log.All.ShouldAllBe(logged => !logged.Text.Contains(Secret, StringComparison.Ordinal));
        log.All.ShouldNotContain(logged => logged.Text.Contains("it ran", StringComparison.Ordinal));
        (await far.GetRawAsync("/free", [.. Forge(forgery, near, far, clock.Now)])).ShouldBeRefused(404, TenantErrorCodes.Unknown);
    }

    [Fact]
    public async Task A_signature_is_believed_as_long_as_the_clocks_are_no_further_apart_than_the_option_says()
    {
        var clock = new TestClock();
        await using var far = await StartFarAsync(clock: clock);
        await using var strict = await StartFarAsync(http => http.MaxSignatureAge = TimeSpan.FromSeconds(10), clock: clock);
        await using var near = Near(clock: clock);

        Task<Answer> Send(TestApp app, int secondsOff) => app.GetAsync("/", [.. Signed(near, app, "acme", clock.Now.AddSeconds(secondsOff))]);

        foreach (var sign in new[] { -1, 1 })
        {
            (await Send(far, sign * 300)).ShouldBeTenant("acme");
            (await Send(far, sign * 301)).ShouldBeRefused(404, TenantErrorCodes.Unknown);
            (await Send(strict, sign * 10)).ShouldBeTenant("acme");
            (await Send(strict, sign * 11)).ShouldBeRefused(404, TenantErrorCodes.Unknown);
        }

        Should.Throw<MultiTenancyConfigurationException>(() => new AspNetCoreMultiTenancyOptions { MaxSignatureAge = TimeSpan.Zero })
            .Message.ShouldContain("MaxSignatureAge");
    }

    [Fact]
    public async Task Until_the_day_that_the_keys_say_what_is_unsigned_is_believed_and_what_is_wrongly_signed_is_not()
    {
        var clock = new TestClock();
        await using var far = await StartFarAsync(clock: clock, signing: signing => signing.AcceptUnsignedUntil = clock.Now.AddDays(1));
        await using var near = Near(clock: clock);

        (await far.GetAsync("/", "tenant-id: acme")).ShouldBeTenant("acme");
        (await far.GetAsync("/", [.. Forge("expired", near, far, clock.Now)])).ShouldBeRefused(404, TenantErrorCodes.Unknown);

        clock.Now = clock.Now.AddDays(2);
        (await far.GetAsync("/", "tenant-id: acme")).ShouldBeRefused(404, TenantErrorCodes.Unknown);
    }

    [Fact]
    public async Task A_header_that_browsers_send_need_not_be_signed_where_its_source_says_so()
    {
        await using var far = await StartFarAsync(http => http.FromHeader().FromHeader("x-tenant", mustBeSigned: false));
        await using var near = Near();

        (await far.GetAsync("/", "x-tenant: acme")).ShouldBeTenant("acme");
        (await far.GetAsync("/", "tenant-id: acme")).ShouldBeRefused(404, TenantErrorCodes.Unknown);
        (await far.GetAsync("/", ["x-tenant: acme", .. Signed(near, far, "acme", DateTimeOffset.UtcNow)])).ShouldBeTenant("acme");
        (await far.GetAsync("/", ["x-tenant: globex", .. Signed(near, far, "acme", DateTimeOffset.UtcNow)]))
            .ShouldBeRefused(403, TenantErrorCodes.Mismatch);
    }

    [Fact]
    public async Task A_header_that_is_not_believed_refuses_the_request_also_where_another_source_names_the_same_tenant()
    {
        await using var far = await StartFarAsync(http => http.FromHost("{tenant}.example.com").FromHeader());
        await using var near = Near();

        (await far.GetAsync("/", "host: acme.example.com")).ShouldBeTenant("acme");
        (await far.GetAsync("/", "host: acme.example.com", "tenant-id: acme")).ShouldBeRefused(404, TenantErrorCodes.Unknown);
        (await far.GetAsync("/", ["host: acme.example.com", .. Signed(near, "GET", "acme.example.com", "acme", DateTimeOffset.UtcNow)]))
            .ShouldBeTenant("acme");
        (await far.GetAsync("/", ["host: acme.example.com", .. Signed(near, "GET", "acme.example.com", "globex", DateTimeOffset.UtcNow)]))
            .ShouldBeRefused(403, TenantErrorCodes.Mismatch);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Behind_a_proxy_that_rewrites_the_host_the_forwarded_one_counts_where_it_was_accepted_before(bool accepted)
    {
        await using var far = await StartFarAsync(pipeline: app =>
        {
            if (accepted)
            {
                app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedHost });
            }
        });
        await using var near = Near();

        var answer = await far.GetAsync(
            "/", ["host: internal", "x-forwarded-host: Shop.example.com", .. Signed(near, "GET", "shop.example.com", "acme", DateTimeOffset.UtcNow)]);

        if (accepted)
        {
            answer.ShouldBeTenant("acme");
        }
        else
        {
            answer.ShouldBeRefused(404, TenantErrorCodes.Unknown);
        }
    }

    [Theory]
    [InlineData("standard")]
    [InlineData("hedging")]
    public async Task Each_attempt_of_a_resilient_client_is_signed_anew(string handler)
    {
        var clock = new TestClock();
        var seen = new List<string>();
        await using var far = await StartFarAsync(clock: clock, pipeline: app => app.Use(next => context =>
        {
            context.Response.OnStarting(() =>
            {
                seen.Add($"{context.Response.StatusCode} {context.Request.Headers[SignedAt]}");
                if (seen.Count < 3)
                {
                    context.Response.StatusCode = 503;
                    clock.Now = clock.Now.AddHours(1);
                }

                return Task.CompletedTask;
            });
            return next(context);
        }));
        await using var near = Near(
            client =>
            {
                if (handler == "standard")
                {
                    client.AddStandardResilienceHandler(Fast);
                }
                else
                {
                    client.AddStandardHedgingHandler().Configure(hedging =>
                    {
                        (hedging.Hedging.MaxHedgedAttempts, hedging.Hedging.Delay) = (3, TimeSpan.FromMinutes(5));
                        hedging.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(20);
                        hedging.Endpoint.Timeout.Timeout = TimeSpan.FromMinutes(2);
                        hedging.Endpoint.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(5);
                    });
                }
            },
            clock);
        using var request = new HttpRequestMessage(HttpMethod.Get, far.Client.BaseAddress);

        (await SendAsync(near, request, "acme")).Status.ShouldBe(200);

        seen.ShouldBe([.. Enumerable.Range(0, 3).Select(hours => $"200 {new TestClock().Now.AddHours(hours).ToUnixTimeSeconds()}")]);
    }

    [Fact]
    public async Task Hedged_attempts_that_run_side_by_side_are_each_signed()
    {
        var (answers, together) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var far = await StartFarAsync(pipeline: app => app.Use(next => async context =>
        {
            if (Interlocked.Increment(ref answers) == 3)
            {
                together.SetResult();
            }

            await together.Task;
            await next(context);
        }));
        await using var near = Near(client => client.AddStandardHedgingHandler().Configure(hedging =>
        {
            (hedging.Hedging.MaxHedgedAttempts, hedging.Hedging.Delay) = (2, TimeSpan.Zero);
            hedging.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(20);
            hedging.Endpoint.Timeout.Timeout = TimeSpan.FromMinutes(2);
            hedging.Endpoint.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(5);
        }));
        using var request = new HttpRequestMessage(HttpMethod.Get, far.Client.BaseAddress);

        (await SendAsync(near, request, "acme")).ShouldBeTenant("acme");
        answers.ShouldBe(3);
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task The_client_of_a_hub_signs_by_the_handler_of_a_named_client(HttpTransportType transport)
    {
        await using var far = await StartFarAsync(services: services => services.AddSignalR(), pipeline: app => app.MapHub<WhoHub>("/hub"));
        await using var near = Near();
        var handlers = near.GetRequiredService<IHttpMessageHandlerFactory>();
        using var entered = TenantScope.Enter(new Tenant("acme"));
        await using var connection = new HubConnectionBuilder().WithUrl(new Uri(far.Client.BaseAddress!, "/hub"), transport, http =>
        {
            http.HttpMessageHandlerFactory = _ => handlers.CreateHandler("far");
            http.WebSocketFactory = async (socket, cancellationToken) =>
            {
                var client = new ClientWebSocket();
                await client.ConnectAsync(socket.Uri, new HttpMessageInvoker(handlers.CreateHandler("far"), disposeHandler: false), cancellationToken);
                return client;
            };
        }).WithServerTimeout(TimeSpan.FromMinutes(2)).Build();

        await connection.StartAsync(TestContext.Current.CancellationToken);

        (await connection.InvokeAsync<string>(nameof(WhoHub.Who))).ShouldBe("acme");
    }

    [Fact]
    public async Task Signatures_that_came_in_do_not_go_out_again()
    {
        await using var far = await StartFarAsync();
        await using var near = Near();
        using var request = new HttpRequestMessage(HttpMethod.Get, far.Client.BaseAddress);
        request.Headers.Add(TenantHeader.Signature, "v1.2026-11.copied");
        request.Headers.Add(SignedAt, "1");

        (await SendAsync(near, request, "acme")).ShouldBeTenant("acme");
    }

    [Fact]
    public async Task Without_signing_nothing_is_added_and_nothing_asked()
    {
        await using var far = await TestApp.StartAsync(app =>
        {
            app.UseMultiTenancy();
            app.MapGet("/", (HttpContext context) => string.Join(',', context.Request.Headers.Keys.Where(name => name.StartsWith("tenant", StringComparison.OrdinalIgnoreCase))));
        });
        await using var near = Near(signs: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, far.Client.BaseAddress);

        (await SendAsync(near, request, "acme")).Body.ShouldBe("tenant-id");
        (await far.GetAsync("/", "tenant-id: acme", "tenant-signature: nonsense")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("/cached")]
    [InlineData("/varying")]
    public async Task No_cache_in_front_answers_for_a_tenant_before_the_signature_was_seen(string path)
    {
        await using var far = await StartFarAsync(
            pipeline: app => app.UseResponseCaching(), services: services => services.AddResponseCaching());
        await using var near = Near();

        var first = await far.GetAsync(path, [.. Signed(near, far, "acme", DateTimeOffset.UtcNow)]);
        first.ShouldBeTenant("acme");
        first.Headers["vary"].ShouldBe(["*"]);

        (await far.GetAsync(path, "tenant-id: acme")).ShouldBeRefused(404, TenantErrorCodes.Unknown);
        (await far.GetAsync(path, [.. Signed(near, far, "globex", DateTimeOffset.UtcNow)])).ShouldBeTenant("globex");
    }

    private static IEnumerable<string> Forge(string forgery, IServiceProvider near, TestApp far, DateTimeOffset now)
    {
        var host = far.Client.BaseAddress!.Authority;
        string[] good = [.. Signed(near, far, "acme", now)];
        IEnumerable<string> Cut(string header) => good.Where(line => !line.StartsWith(header, StringComparison.Ordinal));
        string SignatureOf(TenantCarrier carrier, string time) =>
            $"tenant-signature: {near.GetRequiredService<TenantSigner>().Sign(carrier, "acme", "GET", host, time)}";
        IEnumerable<string> At(string time) => ["tenant-id: acme", $"{SignedAt}: {time}", SignatureOf(TenantCarrier.HttpRequest, time)];
        var signature = good.Single(line => line.StartsWith("tenant-signature", StringComparison.Ordinal));
        var seconds = now.ToUnixTimeSeconds().ToString(null, null);

        return forgery switch
        {
            "unsigned" => ["tenant-id: acme"],
            "empty signature" => ["tenant-id: acme", "tenant-signature:"],
            "another tenant" => ["tenant-id: globex", .. Cut("tenant-id")],
            "another method" => Signed(near, "POST", host, "acme", now),
            "another host" => Signed(near, "GET", "shop.example.com", "acme", now),
            "another port" => Signed(near, "GET", "127.0.0.1:1", "acme", now),
            "another time" => [.. Cut(SignedAt), $"{SignedAt}: {now.ToUnixTimeSeconds() + 1}"],
            "no time" => Cut(SignedAt),
            "an empty time" => [.. Cut(SignedAt), $"{SignedAt}:"],
            "two times in one" => [.. Cut(SignedAt), $"{SignedAt}: {seconds},{seconds}"],
            "another secret" => Signed(Near("2026-11", Convert.ToBase64String(new byte[32])), far, "acme", now),
            "a message's" => [.. Cut("tenant-signature"), SignatureOf(TenantCarrier.Message, seconds)],
            "a job's" => [.. Cut("tenant-signature"), SignatureOf(TenantCarrier.Job, seconds)],
            "another key" => Signed(Near("other", Secret), far, "acme", now),
            "altered" => [.. Cut("tenant-signature"), signature[..^10] + (signature[^10] == 'A' ? 'B' : 'A') + signature[^9..]],
            "malformed" => [.. Cut("tenant-signature"), "tenant-signature: v1.2026-11.???"],
            "two in one" => [.. Cut("tenant-signature"), $"{signature}, {signature["tenant-signature: ".Length..]}"],
            "repeated" => [.. good, signature],
            "time repeated" => [.. good, $"{SignedAt}: {seconds}"],
            "expired" => Signed(near, far, "acme", now.AddSeconds(-301)),
            "from the future" => Signed(near, far, "acme", now.AddSeconds(301)),
            "a time that is none" => At("yesterday"),
            "a negative time" => At("-" + seconds),
            "a time beyond all calendars" => At(long.MaxValue.ToString(null, null)),
            _ => throw new ArgumentOutOfRangeException(nameof(forgery), forgery, null),
        };
    }

    private static IEnumerable<string> Signed(IServiceProvider near, TestApp far, string tenant, DateTimeOffset at) =>
        Signed(near, "GET", far.Client.BaseAddress!.Authority, tenant, at);

    // As somebody else's program would, from what the README says.
    private static IEnumerable<string> Signed(IServiceProvider near, string method, string host, string tenant, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(null, null);
        var signature = near.GetRequiredService<TenantSigner>().Sign(TenantCarrier.HttpRequest, tenant, method, host.ToUpperInvariant(), seconds);
        return [$"tenant-id: {tenant}", $"{SignedAt}: {seconds}", $"tenant-signature: {signature}"];
    }

    private static async Task<Answer> SendAsync(IServiceProvider near, HttpRequestMessage request, string tenant)
    {
        using var entered = TenantScope.Enter(new Tenant(tenant));
        using var client = near.GetRequiredService<IHttpClientFactory>().CreateClient("far");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    private static ServiceProvider Near(string keyId, string secret) => new ServiceCollection()
        .AddMultiTenancy(tenancy => tenancy.SignTenants(signing => signing.Keys[keyId] = secret)).BuildServiceProvider();

    private static ServiceProvider Near(Action<IHttpClientBuilder>? configure = null, TestClock? clock = null, bool signs = true)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>((TimeProvider?)clock ?? TimeProvider.System);
        services.AddMultiTenancy(tenancy => _ = signs ? tenancy.SignTenants(signing => signing.Keys["2026-11"] = Secret) : tenancy);
        var client = services.AddHttpClient("far").AddTenantHeader();
        configure?.Invoke(client);
        return services.BuildServiceProvider();
    }

    /// <summary>To that application, whatever host the address names.</summary>
    private static SocketsHttpHandler Towards(TestApp far) => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, far.Client.BaseAddress!.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private static Task<TestApp> StartFarAsync(
        Action<AspNetCoreMultiTenancyOptions>? sources = null,
        AppLog? log = null,
        TestClock? clock = null,
        Action<TenantSigningOptions>? signing = null,
        Action<WebApplication>? pipeline = null,
        Action<IServiceCollection>? services = null,
        Version? version = null) => TestApp.StartAsync(
            app =>
            {
                pipeline?.Invoke(app);
                app.UseMultiTenancy();
                app.MapMethods("/", ["GET", "POST", "propfind"], (ITenantContext tenants, ILogger<SigningTests> logger) =>
                {
                    logger.Log(LogLevel.Information, default, "it ran", null, (text, _) => text);
                    return tenants.Required.Id.Value;
                });
                app.MapGet("/free", () => "free").AllowNoTenant();
                app.MapGet("/cached", (HttpContext context, ITenantContext tenants) => Cached(context, tenants, "Accept"));
                app.MapGet("/varying", (HttpContext context, ITenantContext tenants) => Cached(context, tenants, "tenant-id"));
            },
            sources,
            all =>
            {
                all.AddSingleton<TimeProvider>((TimeProvider?)clock ?? TimeProvider.System);
                if (log is not null)
                {
                    all.AddSingleton<ILoggerProvider>(log);
                }

                all.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(endpoint =>
                    endpoint.Protocols = version?.Major == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1));
                services?.Invoke(all);
            },
            tenancy => tenancy.SignTenants(all =>
            {
                all.Keys["2026-11"] = Secret;
                signing?.Invoke(all);
            }));

    private static string Cached(HttpContext context, ITenantContext tenants, string vary)
    {
        context.Response.Headers.CacheControl = "public,max-age=600";
        context.Response.Headers.Vary = vary;
        return tenants.Required.Id.Value;
    }

    private static void Fast(HttpStandardResilienceOptions options)
    {
        (options.Retry.MaxRetryAttempts, options.Retry.Delay, options.Retry.UseJitter) = (3, TimeSpan.Zero, false);
        options.AttemptTimeout.Timeout = TimeSpan.FromMinutes(2);
        options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(20);
        options.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(5);
    }

    private static string WithoutTrace(string problem)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(problem)!.AsObject();
        node.Remove("traceId");
        return node.ToJsonString();
    }
}
