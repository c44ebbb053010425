using System.Net.Http.Json;
using System.Text.Json;
using Freehold;

namespace Shop;

/// <summary>Those who use the application over HTTP on loopback, and what they see.</summary>
public static class Visitors
{
    public static async Task ComeAsync(WebApplication app)
    {
        await app.Services.GetRequiredService<ITenantProvisioner>().ProvisionAsync(new Tenant("globex"));
        await app.StartAsync();
        using var acme = Visitor(app, "acme");
        using var globex = Visitor(app, "globex");
        using var nobody = Visitor(app, null);
        using var initech = Visitor(app, "initech");
        await OrderAsync(acme, "tea");
        await OrderAsync(globex, "coffee");
        Console.WriteLine("> acme: " + await OrdersAsync(acme));
        Console.WriteLine("> globex: " + await OrdersAsync(globex));
        Console.WriteLine("> nobody: " + await OrdersAsync(nobody));
        Console.WriteLine("> initech: " + await OrdersAsync(initech));
        if (app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Any(one => one.RoutePattern.RawText!.Contains("graphql")))
        {
            Console.WriteLine("> acme, GraphQL: " + await GraphAsync(acme));
            Console.WriteLine("> globex, GraphQL: " + await GraphAsync(globex));
            Console.WriteLine("> nobody, GraphQL: " + await GraphAsync(nobody));
        }

        await app.StopAsync();
    }

    private static HttpClient Visitor(WebApplication app, string? tenant)
    {
        var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        if (tenant is not null)
        {
            client.DefaultRequestHeaders.Add(TenantHeader.Name, tenant);
        }

        return client;
    }

    private static async Task OrderAsync(HttpClient client, string item)
    {
        using var response = await client.PostAsJsonAsync("/orders", new PlaceOrder(Guid.NewGuid(), item));
        response.EnsureSuccessStatusCode();
    }

    private static async Task<string> GraphAsync(HttpClient client)
    {
        using var response = await client.PostAsJsonAsync("/graphql", new { query = "{ orders { item } }" });
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        var items = response.IsSuccessStatusCode
            ? answer.GetProperty("data").GetProperty("orders").EnumerateArray().Select(order => order.GetProperty("item").GetString())
            : [answer.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString()];
        return $"{(int)response.StatusCode} {string.Join("; ", items)}";
    }

    // Asks until every order went through bus and job; an order that gets lost there ends with an exception.
    private static async Task<string> OrdersAsync(HttpClient client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            using var response = await client.GetAsync("/orders", patience.Token);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                return $"{(int)response.StatusCode} {answer.GetProperty("code")}";
            }

            var orders = answer.Deserialize<Order[]>(JsonSerializerOptions.Web)!;
            if (orders.All(order => order.Invoiced))
            {
                return $"{(int)response.StatusCode} {string.Join("; ", orders.Select(order => $"{order.Item}, invoiced"))}";
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }
}
