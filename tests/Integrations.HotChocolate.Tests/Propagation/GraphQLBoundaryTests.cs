using System.Text.Json;
using Freehold.Contracts;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using HotChocolate.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.HotChocolate.Tests.Propagation;

/// <summary>The contract with a real application on a port of its own.</summary>
public abstract class GraphQLBoundaryTests : TenantPropagationContract
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private protected abstract Task<Crossing> CrossAsync(GraphQLApp app, string? tenantId, Guid visit, string field);

    protected sealed override void ConfigureTenancy(MultiTenancyBuilder tenancy) => tenancy.AddAspNetCore();

    protected sealed override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract)
    {
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", "--environment=Production"]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        configureContract(builder.Services);
        builder.Services.AddSingleton<Subscribers>();
        builder.Services.AddGraphQLServer().AddMultiTenancy().AddInMemorySubscriptions().AddTenantTopics(allowNoTenant: true)
            .AddQueryType<VisitQuery>().AddMutationType<VisitMutation>().AddSubscriptionType<VisitSubscription>().AddDataLoader<VisitLoader>()
            .ModifyRequestOptions(request => request.ExecutionTimeout = Long)
            .ModifyServerOptions(server =>
            {
                server.Batching = AllowedBatching.All;
                (server.Sockets.ConnectionInitializationTimeout, server.Sockets.KeepAliveInterval) = (Long, null);
            });
        var app = builder.Build();
        app.UseMultiTenancy();
        app.UseWebSockets();
        app.MapGraphQL().AllowNoTenant();
        await app.StartAsync();
        return new Boundary(new GraphQLApp(app, new LeaseCount()), this);
    }

    /// <summary>What a result says: done, refused with a code, or failed as the far side did.</summary>
    private protected static Crossing Outcome(JsonElement result)
    {
        var error = result.ValueKind == JsonValueKind.Array ? result[0] : result.TryGetProperty("errors", out var errors) ? errors[0] : result;
        if (result.ValueKind == JsonValueKind.Object && result.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object && !result.TryGetProperty("errors", out _))
        {
            return new();
        }

        var code = error.TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("code", out var inExtensions) ? inExtensions.GetString()
            : error.TryGetProperty("code", out var ofProblem) ? ofProblem.GetString()
            : null;
        return code?.StartsWith("TENANT_", StringComparison.Ordinal) == true ? new(code)
            : error.GetProperty("message").GetString() == "Unexpected Execution Error" ? throw new FarSideException()
            : throw new ShouldAssertException(result.ToString());
    }

    private sealed class Boundary(GraphQLApp app, GraphQLBoundaryTests tests) : TenantBoundary
    {
        public override IServiceProvider Services => app.Services;

        public override Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant) =>
            tests.CrossAsync(app, tenantId, visit, mayLackTenant ? "Freely" : "");

        public override ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
