using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using Freehold.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests.Propagation;

[Boundary("ASP.NET Core", "minimal API")]
public sealed class MinimalApiPropagationTests() : HttpPropagationTests("minimal");

[Boundary("ASP.NET Core", "MVC")]
public sealed class ControllerPropagationTests() : HttpPropagationTests("controller");

[Boundary("ASP.NET Core", "minimal API", "streamed response")]
public sealed class StreamedResponsePropagationTests() : HttpPropagationTests("streamed");

[Boundary("ASP.NET Core", "outgoing HttpClient")]
public sealed class HttpClientPropagationTests() : HttpPropagationTests("relayed");

[Boundary("ASP.NET Core", "outgoing HttpClient", "signed, HTTP/1.1")]
public sealed class SignedPropagationTests() : HttpPropagationTests("relayed", signs: true);

[Boundary("ASP.NET Core", "outgoing HttpClient", "signed, HTTP/2")]
public sealed class SignedHttp2PropagationTests() : HttpPropagationTests("relayed", signs: true)
{
    protected override HttpProtocols Protocol => HttpProtocols.Http2;
}

// Through a client that stamps the ambient tenant, so that both ends of the wire are ours.
public abstract class HttpPropagationTests(string way, bool signs = false) : WebBoundaryTests
{
    protected override void ConfigureTenancy(MultiTenancyBuilder tenancy)
    {
        base.ConfigureTenancy(tenancy);
        if (signs)
        {
            tenancy.SignTenants(signing => signing.Keys["k1"] = Convert.ToBase64String(new byte[32]));
        }
    }

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddControllers().AddApplicationPart(typeof(VisitController).Assembly);
        services.AddHttpClient("near", client =>
        {
            client.DefaultRequestVersion = Protocol == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
            client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { EnableMultipleHttp2Connections = true }).AddTenantHeader();
    }

    protected override void Map(WebApplication app)
    {
        app.MapPost("/minimal/{visit:guid}", (Guid visit, FarSide far) => far.VisitAsync(visit));
        app.MapPost("/minimal/free/{visit:guid}", [AllowNoTenant] (Guid visit, FarSide far) => far.VisitAsync(visit));
        app.MapPost("/streamed/{visit:guid}", Stream);
        app.MapPost("/streamed/free/{visit:guid}", Stream).AllowNoTenant();
        app.MapPost("/relayed/{visit:guid}", (Guid visit, IHttpClientFactory clients) => RelayAsync(clients, app, $"minimal/{visit}"));
        app.MapPost("/relayed/free/{visit:guid}", [AllowNoTenant] (Guid visit, IHttpClientFactory clients) => RelayAsync(clients, app, $"minimal/free/{visit}"));
        app.MapControllers();
    }

    protected override async Task<Crossing> CrossAsync(WebApplication app, string? tenantId, Guid visit, bool mayLackTenant)
    {
        using var entered = tenantId is null ? null : TenantScope.Enter(new Tenant(tenantId));
        using var response = await PostAsync(app.Services.GetRequiredService<IHttpClientFactory>(), app, $"{way}/{(mayLackTenant ? "free/" : "")}{visit}");
        var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json"
            ? await response.Content.ReadFromJsonAsync<ProblemDetails>()
            : null;
        return new(problem?.Extensions["code"]?.ToString());
    }

    private static async IAsyncEnumerable<Guid> Stream(Guid visit, FarSide far, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return visit;
        await Task.Yield();
        await far.VisitAsync(visit);
        yield return visit;
        far.Look("after the last item");
    }

    private static async Task<IResult> RelayAsync(IHttpClientFactory clients, WebApplication app, string path)
    {
        using var response = await PostAsync(clients, app, path);
        return Results.Content(
            await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.ToString(), statusCode: (int)response.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(IHttpClientFactory clients, WebApplication app, string path)
    {
        using var client = clients.CreateClient("near");
        try
        {
            return await client.PostAsync(new Uri($"{app.Urls.First()}/{path}"), null);
        }
        catch (HttpRequestException failure) when (failure.InnerException is IOException or HttpProtocolException)
        {
            // What fails after the response has started can only end the connection.
            throw new FarSideException();
        }
    }
}

public sealed class VisitController(FarSide far) : ControllerBase
{
    [HttpPost("/controller/{visit:guid}")]
    public Task Visit(Guid visit) => far.VisitAsync(visit);

    [HttpPost("/controller/free/{visit:guid}"), AllowNoTenant]
    public Task VisitFreely(Guid visit) => far.VisitAsync(visit);
}
