using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Benchmarks.Hops;

/// <summary>Requests over loopback to Kestrel, and clients that send them.</summary>
internal sealed class HttpTables(Report report, Effort effort)
{
    public async Task RunAsync()
    {
        report.Doing("HTTP");
        await using var bare = await StartAsync(Hop.Bare);
        await using var again = await StartAsync(Hop.Bare);
        await using var tenancy = await StartAsync(Hop.Tenancy);
        await using var signed = await StartAsync(Hop.Signed);
        using var plain = new SocketsHttpHandler { UseProxy = false };
        report.Ratios("An HTTP request over loopback to a minimal API, the tenant in its header", await new Comparison(
            Requesting("bare ASP.NET Core", plain, bare),
            [
                Requesting("the same once more: the noise", plain, again),
                Requesting("with UseMultiTenancy", plain, tenancy, Aim.Ratio(1.05)),
            ],
            Operations: 500,
            effort.Rounds(80)).RunAsync());

        await using var stamping = Clients(Hop.Tenancy);
        await using var signing = Clients(Hop.Signed);
        await using var untouched = Clients(Hop.Bare);
        report.Ratios("An outgoing HttpClient of IHttpClientFactory over loopback", await new Comparison(
            Calling("bare client to bare ASP.NET Core", untouched, bare),
            [
                Calling("the same once more: the noise", untouched, again),
                Calling("with AddTenantHeader, to bare ASP.NET Core", stamping, bare, Aim.Ratio(1.05)),
                Calling("with AddTenantHeader, to UseMultiTenancy", stamping, tenancy),
                Calling("with AddTenantHeader and SignTenants, to both as well", signing, signed),
            ],
            Operations: 500,
            effort.Rounds(80)).RunAsync());
    }

    private static Candidate Requesting(string name, HttpMessageHandler handler, WebApplication app, Aim? aim = null)
    {
        var client = new HttpClient(handler, disposeHandler: false) { BaseAddress = new(app.Urls.Single()) };
        client.DefaultRequestHeaders.Add(TenantHeader.Name, HopExtensions.Acme.Id.Value);
        return Candidate.Of(name, async _ => await client.GetStringAsync("/ping"), aim: aim);
    }

    private static Candidate Calling(string name, IServiceProvider clients, WebApplication app, Aim? aim = null)
    {
        var client = clients.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(HttpTables));
        var address = new Uri(app.Urls.Single() + "/ping");
        return Candidate.Of(
            name,
            async _ =>
            {
                using var entered = TenantScope.Enter(HopExtensions.Acme);
                await client.GetStringAsync(address);
            },
            aim: aim);
    }

    private static ServiceProvider Clients(Hop hop)
    {
        var services = new ServiceCollection();
        hop.AddTo(services, tenancy => tenancy.AddAspNetCore());
        var client = services.AddHttpClient(nameof(HttpTables)).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = false }).RemoveAllLoggers();
        if (hop != Hop.Bare)
        {
            client.AddTenantHeader();
        }

        return services.BuildServiceProvider();
    }

    private static async Task<WebApplication> StartAsync(Hop hop)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        hop.AddTo(builder.Services, tenancy => tenancy.AddAspNetCore());
        var app = builder.Build();
        app.UseRouting();
        if (hop != Hop.Bare)
        {
            app.UseMultiTenancy();
        }

        app.MapGet("/ping", (HttpContext context) => context.Response.WriteAsync("pong"));
        await app.StartAsync();
        return app;
    }
}
