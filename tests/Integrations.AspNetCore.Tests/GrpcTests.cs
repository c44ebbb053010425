using System.Diagnostics;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class GrpcTests
{
    [Theory]
    [InlineData(null, StatusCode.InvalidArgument, TenantErrorCodes.Missing)]
    [InlineData("nobody", StatusCode.NotFound, TenantErrorCodes.Unknown)]
    [InlineData("frozen", StatusCode.PermissionDenied, TenantErrorCodes.Suspended)]
    [InlineData("acme,globex", StatusCode.PermissionDenied, TenantErrorCodes.Mismatch)]
    [InlineData("soon", StatusCode.Unavailable, TenantErrorCodes.Unavailable)]
    public async Task A_refusal_is_a_status_that_a_client_of_gRPC_understands(string? tenant, StatusCode status, string code)
    {
        await using var app = await StartAsync();
        using var channel = GrpcChannel.ForAddress(app.Client.BaseAddress!);

        foreach (var call in new Func<VisitClient, string, Task>[] { VisitClient.UnaryAsync, VisitClient.DownAsync, VisitClient.UpAsync, VisitClient.BothAsync })
        {
            var refusal = await Should.ThrowAsync<RpcException>(call(Client(channel, tenant), "visit"));

            (refusal.StatusCode, refusal.Status.Detail).ShouldBe((status, code));
        }
    }

    [Fact]
    public async Task A_client_with_retries_tries_again_what_is_unavailable_and_nothing_that_is_refused()
    {
        var attempts = 0;
        await using var app = await StartAsync(arrived: () => attempts++);
        using var channel = GrpcChannel.ForAddress(app.Client.BaseAddress!, new()
        {
            ServiceConfig = new()
            {
                MethodConfigs =
                {
                    new()
                    {
                        Names = { Grpc.Net.Client.Configuration.MethodName.Default },
                        RetryPolicy = new()
                        {
                            MaxAttempts = 3,
                            InitialBackoff = TimeSpan.FromMilliseconds(1),
                            MaxBackoff = TimeSpan.FromMilliseconds(1),
                            BackoffMultiplier = 1,
                            RetryableStatusCodes = { StatusCode.Unavailable },
                        },
                    },
                },
            },
        });

        await Should.ThrowAsync<RpcException>(VisitClient.UnaryAsync(Client(channel, "soon"), "visit"));
        attempts.ShouldBe(3);

        await Should.ThrowAsync<RpcException>(VisitClient.UnaryAsync(Client(channel, "nobody"), "visit"));
        attempts.ShouldBe(4);
    }

    [Fact]
    public async Task The_activity_of_a_call_says_whose_it_is()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        var tags = new List<object?>();
        await using var app = await StartAsync(visited: () => tags.Add(Activity.Current?.GetTagItem(TenantTelemetry.TenantId)));
        using var channel = GrpcChannel.ForAddress(app.Client.BaseAddress!);

        await VisitClient.BothAsync(Client(channel, "acme"), "visit");

        tags.ShouldBe(["acme"]);
    }

    private static VisitClient Client(GrpcChannel channel, string? tenant) =>
        new(tenant is null ? channel.CreateCallInvoker() : new WithMetadata(channel.CreateCallInvoker(), new() { { TenantHeader.Name, tenant } }));

    private static Task<TestApp> StartAsync(Action? arrived = null, Action? visited = null) => TestApp.StartAsync(
        app =>
        {
            app.Use(next => context =>
            {
                arrived?.Invoke();
                return next(context);
            });
            app.UseMultiTenancy();
            app.MapGrpcService<NotifyingVisits>();
        },
        services: services =>
        {
            services.AddGrpc();
            services.AddSingleton(visited ?? (() => { }));
            services.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        });

    private sealed class NotifyingVisits(Action visited) : VisitServiceBase
    {
        protected override Task VisitAsync(string visit)
        {
            visited();
            return Task.CompletedTask;
        }
    }

    /// <summary>As a client in any language would send it.</summary>
    private sealed class WithMetadata(CallInvoker calls, Metadata headers) : CallInvoker
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            calls.BlockingUnaryCall(method, host, options.WithHeaders(headers), request);

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            calls.AsyncUnaryCall(method, host, options.WithHeaders(headers), request);

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            calls.AsyncServerStreamingCall(method, host, options.WithHeaders(headers), request);

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            calls.AsyncClientStreamingCall(method, host, options.WithHeaders(headers));

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            calls.AsyncDuplexStreamingCall(method, host, options.WithHeaders(headers));
    }
}
