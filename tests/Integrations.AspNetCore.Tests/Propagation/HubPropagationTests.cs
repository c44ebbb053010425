using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using Freehold.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests.Propagation;

[Boundary("ASP.NET Core", "SignalR hub", "WebSockets")]
public sealed class WebSocketHubPropagationTests() : HubPropagationTests(HttpTransportType.WebSockets, Invoke);

[Boundary("ASP.NET Core", "SignalR hub", "Server-Sent Events")]
public sealed class ServerSentEventsHubPropagationTests() : HubPropagationTests(HttpTransportType.ServerSentEvents, Invoke);

[Boundary("ASP.NET Core", "SignalR hub", "long polling")]
public sealed class LongPollingHubPropagationTests() : HubPropagationTests(HttpTransportType.LongPolling, Invoke);

[Boundary("ASP.NET Core", "SignalR hub", "stream to the client")]
public sealed class StreamToClientPropagationTests() : HubPropagationTests(HttpTransportType.WebSockets, Down);

[Boundary("ASP.NET Core", "SignalR hub", "stream from the client")]
public sealed class StreamFromClientPropagationTests() : HubPropagationTests(HttpTransportType.WebSockets, Up);

/// <summary>A connection for every visit.</summary>
public abstract class HubPropagationTests(HttpTransportType transport, Func<HubConnection, Guid, Task> call) : WebBoundaryTests
{
    // A machine that is slow closes no connection that lives.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    protected static Task Invoke(HubConnection connection, Guid visit) => connection.InvokeAsync(nameof(VisitHub.Visit), visit);

    protected static async Task Down(HubConnection connection, Guid visit)
    {
        await foreach (var _ in connection.StreamAsync<Guid>(nameof(VisitHub.Down), visit))
        {
            await Task.Yield();
        }
    }

    protected static Task Up(HubConnection connection, Guid visit)
    {
        return connection.InvokeAsync(nameof(VisitHub.Up), Items());

        async IAsyncEnumerable<Guid> Items()
        {
            yield return Guid.Empty;
            await Task.Yield();
            yield return visit;
        }
    }

    protected override void ConfigureServices(IServiceCollection services) =>
        services.AddSignalR(hubs => (hubs.ClientTimeoutInterval, hubs.HandshakeTimeout) = (Long, Long));

    protected override void Map(WebApplication app)
    {
        app.MapHub<VisitHub>("/hub");
        app.MapHub<LaxVisitHub>("/hub/free");
    }

    protected override async Task<Crossing> CrossAsync(WebApplication app, string? tenantId, Guid visit, bool mayLackTenant)
    {
        using var refusal = new RefusalReader();
        await using var connection = new HubConnectionBuilder()
            .WithUrl(app.Urls.First() + (mayLackTenant ? "/hub/free" : "/hub"), transport, http =>
            {
                http.HttpMessageHandlerFactory = inner =>
                {
                    refusal.InnerHandler = inner;
                    return refusal;
                };
                if (tenantId is not null)
                {
                    http.Headers[TenantHeader.Name] = tenantId;
                }
            })
            .WithServerTimeout(Long).Build();
        connection.HandshakeTimeout = Long;
        try
        {
            await connection.StartAsync();
            await call(connection, visit);
        }
        catch (HttpRequestException) when (refusal.Code is { } code)
        {
            return new(code);
        }
        catch (HubException)
        {
            throw new FarSideException();
        }

        return new();
    }

    /// <summary>Keeps what the client's library drops: why a connection was refused.</summary>
    private sealed class RefusalReader : DelegatingHandler
    {
        public string? Code { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
            {
                var problem = await response.Content.ReadFromJsonAsync<ProblemDetails>(cancellationToken);
                Code = problem?.Extensions["code"]?.ToString();
            }

            return response;
        }
    }
}

public class VisitHub(FarSide far) : Hub
{
    public Task Visit(Guid visit) => far.VisitAsync(visit);

    public async IAsyncEnumerable<Guid> Down(Guid visit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return visit;
        await Task.Yield();
        await far.VisitAsync(visit);
        yield return visit;
        far.Look("after the last item");
    }

    public async Task Up(IAsyncEnumerable<Guid> visits)
    {
        await foreach (var visit in visits)
        {
            if (visit != Guid.Empty)
            {
                await far.VisitAsync(visit);
            }
        }
    }
}

[AllowNoTenant]
public sealed class LaxVisitHub(FarSide far) : VisitHub(far);
