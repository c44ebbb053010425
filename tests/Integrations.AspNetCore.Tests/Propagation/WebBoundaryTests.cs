using Freehold.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.AspNetCore.Tests.Propagation;

/// <summary>The contract with a real application on a port of its own.</summary>
public abstract class WebBoundaryTests : TenantPropagationContract
{
    protected virtual HttpProtocols Protocol => HttpProtocols.Http1;

    protected override void ConfigureTenancy(MultiTenancyBuilder tenancy) => tenancy.AddAspNetCore();

    protected abstract void ConfigureServices(IServiceCollection services);

    protected abstract void Map(WebApplication app);

    /// <summary>See <see cref="TenantBoundary.CrossAsync"/>.</summary>
    protected abstract Task<Crossing> CrossAsync(WebApplication app, string? tenantId, Guid visit, bool mayLackTenant);

    protected sealed override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract)
    {
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", "--environment=Production"]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = Protocol));
        builder.Logging.ClearProviders();
        configureContract(builder.Services);
        ConfigureServices(builder.Services);
        var app = builder.Build();
        app.UseMultiTenancy();
        Map(app);
        await app.StartAsync();
        return new Boundary(app, this);
    }

    private sealed class Boundary(WebApplication app, WebBoundaryTests tests) : TenantBoundary
    {
        public override IServiceProvider Services => app.Services;

        public override Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant) =>
            tests.CrossAsync(app, tenantId, visit, mayLackTenant);

        public override ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
