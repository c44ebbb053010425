using System.Net.Sockets;
using System.Text;
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
        Action<IServiceCollection>? services = null,
        Action<MultiTenancyBuilder>? tenancy = null)
    {
        var app = Build(
            pipeline,
            all =>
            {
                all.AddAspNetCore(sources);
                tenancy?.Invoke(all);
            },
            services);
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

    /// <summary>The same, byte for byte: HttpClient would put headers that repeat into one line.</summary>
    public async Task<Answer> GetRawAsync(string path, params string[] headers)
    {
        using var connection = new TcpClient(Client.BaseAddress!.Host, Client.BaseAddress.Port);
        await using var stream = connection.GetStream();
        string[] lines = [$"GET {path} HTTP/1.0", $"Host: {Client.BaseAddress.Authority}", .. headers, "", ""];
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", lines)), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var parts = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split("\r\n\r\n", 2);
        var head = parts[0].Split("\r\n");
        var received = head[1..].Select(line => line.Split(": ", 2)).ToLookup(line => line[0], line => line[1], StringComparer.OrdinalIgnoreCase);
        return new(int.Parse(head[0].Split(' ')[1], null), parts[1], received["content-type"].SingleOrDefault(), received);
    }

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
