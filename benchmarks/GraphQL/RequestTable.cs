using System.Net;
using System.Net.Http.Json;
using Freehold.Benchmarks.Hops;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

#pragma warning disable CA1822 // HotChocolate calls resolvers on an instance.

namespace Freehold.Benchmarks.GraphQL;

/// <summary>GraphQL requests over loopback to Kestrel, with nothing behind the resolvers.</summary>
internal sealed class RequestTable(Report report, Effort effort)
{
    public async Task RunAsync()
    {
        report.Doing("GraphQL over HTTP");
        await using var bare = await StartAsync(Hop.Bare);
        await using var again = await StartAsync(Hop.Bare);
        await using var tenancy = await StartAsync(Hop.Tenancy);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        report.Ratios("A GraphQL request of four sibling resolvers over loopback, no database, the tenant in its header", await new Comparison(
            Asking("bare HotChocolate", handler, bare),
            [
                Asking("the same once more: the noise", handler, again),
                Asking("with UseMultiTenancy and AddMultiTenancy", handler, tenancy, Aim.Ratio(1.05)),
            ],
            Operations: 250,
            effort.Rounds(80)).RunAsync());
    }

    private static Candidate Asking(string name, HttpMessageHandler handler, WebApplication app, Aim? aim = null)
    {
        var client = new HttpClient(handler, disposeHandler: false) { BaseAddress = new(app.Urls.Single()) };
        client.DefaultRequestHeaders.Add(TenantHeader.Name, HopExtensions.Acme.Id.Value);
        return Candidate.Of(
            name,
            async _ =>
            {
                using var answer = await client.PostAsJsonAsync("/graphql", new { query = "{ a: one b: one c: one d: one }" });
                var text = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
                if (text != """{"data":{"a":1,"b":1,"c":1,"d":1}}""")
                {
                    throw new InvalidOperationException($"The answer was {text}");
                }
            },
            aim: aim);
    }

    private static async Task<WebApplication> StartAsync(Hop hop)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        hop.AddTo(builder.Services, tenancy => tenancy.AddAspNetCore());
        var schema = builder.Services.AddGraphQLServer().AddQueryType<Query>();
        if (hop != Hop.Bare)
        {
            schema.AddMultiTenancy();
        }

        var app = builder.Build();
        app.UseRouting();
        if (hop != Hop.Bare)
        {
            app.UseMultiTenancy();
        }

        app.MapGraphQL();
        await app.StartAsync();
        return app;
    }

    public sealed class Query
    {
        private static readonly Task<int> One = Task.FromResult(1);

        public Task<int> OneAsync() => One;
    }
}
