using System.Net.Http.Headers;
using System.Text.Json;
using Freehold;

namespace QuickStart.Tour;

/// <summary>An order as its customer knows it: whose it is, and how much of what.</summary>
internal sealed record PlacedOrder(Guid Id, string Tenant, int Quantity);

/// <summary>Customers of both tenants, with real requests.</summary>
internal sealed class Customers(string url) : IDisposable
{
    public const int OrdersEach = 8;

    public static readonly string[] Traders = [Tenants.Acme.Id.Value, Tenants.Globex.Id.Value];

    // Straight to this machine, whatever proxy the environment names.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };

    /// <summary>Places all orders of both tenants at once, alternating, and waits until their last step is done.</summary>
    /// <exception cref="TourFailedException">An order was not accepted, or did not arrive.</exception>
    public async Task<IReadOnlyList<PlacedOrder>> OrderAsync(Arrivals arrivals, CancellationToken cancellationToken)
    {
        var placing = Enumerable.Range(1, OrdersEach)
            .SelectMany(quantity => Traders.Select(tenant => OrderAsync(tenant, quantity, cancellationToken)));
        var placed = await Task.WhenAll(placing);
        await arrivals.AllInvoicedAsync([.. placed.Select(order => order.Id)], cancellationToken);
        return placed;
    }

    /// <summary>Sends one order: for the tenant in the header, from the user of the token.</summary>
    public async Task<HttpResponseMessage> SendOrderAsync(string? tenant, string? token, int quantity, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders");
        request.Content = JsonContent.Create(new OrderForm("anvil", quantity));
        return await SendAsync(request, tenant, token, cancellationToken);
    }

    /// <summary>Signs in a user of the example.</summary>
    public async Task<string> SignInAsync(string user, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync(new Uri($"/sign-in/{user}", UriKind.Relative), null, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await ReadAsync(response, cancellationToken)).GetProperty("accessToken").GetString()!;
    }

    /// <summary>What is wrong with the lists of orders that the tenants get over HTTP, a sentence each.</summary>
    public async Task<IReadOnlyList<string>> ListDefectsAsync(IReadOnlyList<PlacedOrder> orders, CancellationToken cancellationToken)
    {
        var defects = new List<string>();
        foreach (var tenant in Traders)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/orders");
            using var response = await SendAsync(request, tenant, null, cancellationToken);
            var list = await ReadAsync(response, cancellationToken);
            var listed = list.EnumerateArray().Select(order => order.GetProperty("id").GetGuid()).ToHashSet();
            if (!listed.SetEquals(orders.Where(order => order.Tenant == tenant).Select(order => order.Id)))
            {
                defects.Add($"GET /orders for {tenant} does not list exactly its own orders.");
            }
        }

        return defects;
    }

    /// <summary>Sends a request: for the tenant in the header, from the user of the token.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, string? tenant, string? token, CancellationToken cancellationToken)
    {
        if (tenant is not null)
        {
            request.Headers.Add(TenantHeader.Name, tenant);
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return _http.SendAsync(request, cancellationToken);
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<PlacedOrder> OrderAsync(string tenant, int quantity, CancellationToken cancellationToken)
    {
        using var response = await SendOrderAsync(tenant, null, quantity, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new TourFailedException($"An order of {tenant} was answered with {(int)response.StatusCode}: {text}");
        }

        var answer = await ReadAsync(response, cancellationToken);
        return new(answer.GetProperty("id").GetGuid(), tenant, quantity);
    }
}
