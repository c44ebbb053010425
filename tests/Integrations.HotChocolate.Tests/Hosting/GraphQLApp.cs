using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Freehold.Contracts;
using HotChocolate.AspNetCore;
using HotChocolate.Execution.Configuration;
using HotChocolate.Language;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.HotChocolate.Tests.Hosting;

/// <summary>A real application on a port of its own, on PostgreSQL with a schema per tenant.</summary>
internal sealed class GraphQLApp : IAsyncDisposable
{
    // A machine that is slow ends nothing that lives.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    public GraphQLApp(WebApplication app, LeaseCount leases)
    {
        App = app;
        Leases = leases;
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(app.Urls.First()), Timeout = Visit.Patience };
    }

    public WebApplication App { get; }

    public IServiceProvider Services => App.Services;

    public LeaseCount Leases { get; }

    public HttpClient Client { get; }

    public static async Task<GraphQLApp> StartAsync(
        Action<IRequestExecutorBuilder>? schema = null,
        Action<HotChocolateMultiTenancyOptions>? options = null,
        Action<IServiceCollection>? services = null,
        Action<MultiTenancyBuilder>? tenancy = null,
        Action<WebApplication>? before = null,
        Action<AspNetCoreMultiTenancyOptions>? requests = null,
        bool tenantTopics = true,
        bool multiTenancy = true)
    {
        var leases = new LeaseCount();
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", "--environment=Production"]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var connectionString = await ShopDb.ConnectionStringAsync();
        builder.Services.AddMultiTenancy(all =>
        {
            all.UseTenants(ContractTenants.All).UseNpgsql(connectionString).IsolateBy(Isolation.Schema)
                .AddDbContext<ShopDb>(context => context.AddInterceptors(leases)).AddAspNetCore(requests);
            tenancy?.Invoke(all);
        });
        leases.CountFactory(builder.Services);
        builder.Services.AddSingleton<Subscribers>();
        services?.Invoke(builder.Services);
        var graphQL = builder.Services.AddGraphQLServer();
        if (multiTenancy)
        {
            graphQL.AddMultiTenancy(options);
        }

        graphQL.AddTestTypes().AddInMemorySubscriptions()
            .DisableIntrospection(disable: false)
            .ModifyOptions(all => all.EnableDefer = true)
            .ModifyCostOptions(cost => cost.EnforceCostLimits = false)
            .ModifyRequestOptions(request => request.ExecutionTimeout = Long)
            .ModifyServerOptions(server =>
            {
                server.Batching = AllowedBatching.All;
                (server.Sockets.ConnectionInitializationTimeout, server.Sockets.KeepAliveInterval) = (Long, null);
            })
            .AddProjections().AddFiltering().AddSorting().AddCacheControl().AddGlobalObjectIdentification();
        if (tenantTopics)
        {
            graphQL.AddTenantTopics();
        }

        schema?.Invoke(graphQL);
        var app = builder.Build();
        before?.Invoke(app);
        app.UseMultiTenancy();
        app.UseWebSockets();
        app.MapGraphQL().AllowNoTenant();
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new(app, leases);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public Task<Reply> AskAsync(string? tenant, string query, object? variables = null, object? extensions = null, CancellationToken cancellationToken = default) =>
        PostAsync(tenant, new { query, variables, extensions }, cancellationToken: cancellationToken);

    public async Task<Reply> PostAsync(string? tenant, object body, string accept = "application/graphql-response+json", CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(tenant, body, accept, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return new((int)response.StatusCode, JsonDocument.Parse(text).RootElement, response.Headers);
    }

    public async Task<HttpResponseMessage> SendAsync(string? tenant, object body, string accept, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = JsonContent.Create(body) };
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        if (tenant is not null)
        {
            request.Headers.Add(TenantHeader.Name, tenant);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>The id under which HotChocolate looks for a query that comes without one.</summary>
    public static string HashOf(string query) => new MD5DocumentHashProvider(HashFormat.Hex).ComputeHash(Encoding.UTF8.GetBytes(query)).Value;

    public async Task<Reply> GetAsync(string? tenant, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/graphql?" + query);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/graphql-response+json"));
        if (tenant is not null)
        {
            request.Headers.Add(TenantHeader.Name, tenant);
        }

        using var response = await Client.SendAsync(request);
        return new((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement, response.Headers);
    }

    public Task UpdateAsync(Tenant tenant) => Services.GetRequiredService<ITenantRegistry>().UpdateAsync(tenant);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }
}
