using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.AspNetCore.Tests.Hosting;

/// <summary>A real application on a port of its own: acme and globex are active, frozen is suspended, soon is being provisioned.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestApp(WebApplication app)
    {
        _app = app;
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestApp> StartAsync(
        Action<WebApplication> pipeline,
        Action<AspNetCoreMultiTenancyOptions>? sources = null,
        Action<IServiceCollection>? services = null)
    {
        var app = Build(pipeline, tenancy => tenancy.AddAspNetCore(sources), services);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public static WebApplication Build(Action<WebApplication> pipeline, Action<MultiTenancyBuilder>? tenancy, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", "--environment=Production"]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        if (tenancy is not null)
        {
            builder.Services.AddMultiTenancy(all => tenancy(all.UseTenants(
                new Tenant("acme"),
                new Tenant("globex"),
                new Tenant("frozen") { State = TenantState.Suspended },
                new Tenant("soon") { State = TenantState.Provisioning })));
        }

        services?.Invoke(builder.Services);
        var app = builder.Build();
        pipeline(app);
        return app;
    }

    /// <summary>Gets a path; headers are written <c>name: value</c>, one each, and may repeat.</summary>
    public async Task<Answer> GetAsync(string path, params string[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim()).ShouldBeTrue();
        }

        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
