using System.Net.Http.Json;
using Freehold.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class MinimalApiPropagationTests() : HttpPropagationTests("minimal");

public sealed class ControllerPropagationTests() : HttpPropagationTests("controller");

public abstract class HttpPropagationTests(string kind) : TenantPropagationContract
{
    protected override void ConfigureTenancy(MultiTenancyBuilder tenancy) => tenancy.AddAspNetCore();

    protected override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract)
    {
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", "--environment=Production"]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        configureContract(builder.Services);
        builder.Services.AddControllers().AddApplicationPart(typeof(VisitController).Assembly);
        builder.Services.AddHttpClient("near").AddTenantHeader();
        var app = builder.Build();
        app.UseMultiTenancy();
        app.MapPost("/minimal/{visit:guid}", (Guid visit, FarSide far) => far.VisitAsync(visit));
        app.MapPost("/minimal/free/{visit:guid}", [AllowNoTenant] (Guid visit, FarSide far) => far.VisitAsync(visit));
        app.MapControllers();
        await app.StartAsync();
        return new HttpBoundary(app, kind);
    }

    // Through the client that stamps the ambient tenant, so that both ends of the wire are ours.
    private sealed class HttpBoundary(WebApplication app, string kind) : TenantBoundary
    {
        private readonly IHttpClientFactory _clients = app.Services.GetRequiredService<IHttpClientFactory>();

        public override IServiceProvider Services => app.Services;

        public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
        {
            using var client = _clients.CreateClient("near");
            using var entered = tenantId is null ? null : TenantScope.Enter(new Tenant(tenantId));
            using var response = await client.PostAsync(new Uri($"{app.Urls.First()}/{kind}/{(mayLackTenant ? "free/" : "")}{visit}"), null);
            var problem = response.IsSuccessStatusCode || response.Content.Headers.ContentLength == 0
                ? null
                : await response.Content.ReadFromJsonAsync<ProblemDetails>();
            return new(problem?.Extensions["code"]?.ToString());
        }

        public override ValueTask DisposeAsync() => app.DisposeAsync();
    }
}

public sealed class VisitController(FarSide far) : ControllerBase
{
    [HttpPost("/controller/{visit:guid}")]
    public Task Visit(Guid visit) => far.VisitAsync(visit);

    [HttpPost("/controller/free/{visit:guid}"), AllowNoTenant]
    public Task VisitFreely(Guid visit) => far.VisitAsync(visit);
}
