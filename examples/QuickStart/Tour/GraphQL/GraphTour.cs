using System.Text.Json;

namespace QuickStart.Tour;

/// <summary>What one kind of operation did for one tenant.</summary>
internal sealed record GraphTrace(string Tenant, string Operation, string Over, string Saw, int Orders);

/// <summary>The same customers over GraphQL: a subscriber of each tenant listens, both tenants place orders by mutation at once, and read them by query.</summary>
internal sealed class GraphTour
{
    private const int OrdersEach = 4;

    private readonly List<GraphTrace> _traces = [];
    private readonly List<string> _defects = [];

    /// <summary>What was placed by mutations.</summary>
    public IReadOnlyList<PlacedOrder> Orders { get; private set; } = [];

    public IReadOnlyList<GraphTrace> Traces => _traces;

    /// <summary>A sentence for everything that somebody saw and should not have, or the other way round.</summary>
    public IReadOnlyList<string> Defects => _defects;

    public static async Task<GraphTour> RunAsync(
        WebApplication app, Customers customers, Arrivals arrivals, IReadOnlyList<PlacedOrder> before, CancellationToken cancellationToken)
    {
        var tour = new GraphTour();
        var firsts = Customers.Traders.Select(tenant => before.First(order => order.Tenant == tenant)).ToArray();
        var subscribers = await Task.WhenAll(firsts.Select(first => Subscriber.ListenAsync(app.Services, app.Urls.Single(), first, cancellationToken)));
        var placing = Enumerable.Range(1, OrdersEach)
            .SelectMany(quantity => Customers.Traders.Select(tenant => tour.PlaceAsync(customers, tenant, quantity, cancellationToken)));
        tour.Orders = await Task.WhenAll(placing);
        await arrivals.AllInvoicedAsync([.. tour.Orders.Select(order => order.Id)], cancellationToken);
        foreach (var (first, subscriber) in firsts.Zip(subscribers))
        {
            using (subscriber)
            {
                var own = tour.Orders.Where(order => order.Tenant == first.Tenant).ToArray();
                await subscriber.HearAsync([.. own.Select(order => order.Id)], cancellationToken);
                var price = Evidence.Shops[first.Tenant].Price;
                tour._traces.Add(new(first.Tenant, "mutation", "HTTP", $"orders {price} … {price * OrdersEach}", own.Length));
                await tour.QueryAsync(customers, first.Tenant, [.. before, .. tour.Orders], cancellationToken);
                tour.Compare(first, own, subscriber.Heard);
            }
        }

        return tour;
    }

    private async Task<PlacedOrder> PlaceAsync(Customers customers, string tenant, int quantity, CancellationToken cancellationToken)
    {
        using var response = await GraphRequests.PlaceAsync(customers, tenant, null, quantity, cancellationToken);
        var order = (await DataAsync(response, "mutation", tenant, cancellationToken)).GetProperty("placeOrder");
        var (total, expected) = (order.GetProperty("total").GetInt32(), Evidence.Shops[tenant].Price * quantity);
        if (total != expected)
        {
            _defects.Add($"A mutation of {tenant} answered with a total of {total}, and should have with {expected}.");
        }

        return new(order.GetProperty("id").GetGuid(), tenant, quantity);
    }

    private async Task QueryAsync(Customers customers, string tenant, IReadOnlyList<PlacedOrder> all, CancellationToken cancellationToken)
    {
        using var response = await GraphRequests.SendAsync(
            customers, tenant, null, new { query = "{ products { price currency } orders { id } }" }, cancellationToken);
        var data = await DataAsync(response, "query", tenant, cancellationToken);
        var product = data.GetProperty("products").EnumerateArray().Single();
        var price = $"{product.GetProperty("price").GetInt32()} {product.GetProperty("currency").GetString()}";
        if (price != $"{Evidence.Shops[tenant].Price} {Evidence.Shops[tenant].Currency}")
        {
            _defects.Add($"A query of {tenant} saw anvils at {price}, which is not its own price.");
        }

        var listed = data.GetProperty("orders").EnumerateArray().Select(order => order.GetProperty("id").GetGuid()).ToArray();
        if (!listed.ToHashSet().SetEquals(all.Where(order => order.Tenant == tenant).Select(order => order.Id)))
        {
            _defects.Add($"A query of {tenant} does not list exactly its own orders.");
        }

        _traces.Add(new(tenant, "query", "HTTP", $"anvils at {price}", listed.Length));
    }

    private void Compare(PlacedOrder first, IReadOnlyList<PlacedOrder> own, IReadOnlyDictionary<Guid, int> heard)
    {
        var price = Evidence.Shops[first.Tenant].Price;
        foreach (var order in own.Where(order => heard[order.Id] != price * order.Quantity))
        {
            _defects.Add($"The subscriber of {order.Tenant} heard of a total of {heard[order.Id]}, and should have of {price * order.Quantity}.");
        }

        foreach (var key in heard.Keys.Except(own.Select(order => order.Id)).Where(key => key != first.Id))
        {
            _defects.Add($"The subscriber of {first.Tenant} heard of order {key}, which is not of {first.Tenant}.");
        }

        _traces.Add(new(first.Tenant, "subscription", "WebSocket", $"heard {price} … {price * OrdersEach}, no other's", heard.Count(one => one.Key != first.Id)));
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage response, string what, string tenant, CancellationToken cancellationToken)
    {
        var answer = await Customers.ReadAsync(response, cancellationToken);
        return response.IsSuccessStatusCode && !answer.TryGetProperty("errors", out _)
            ? answer.GetProperty("data")
            : throw new TourFailedException($"A {what} of {tenant} was answered with {(int)response.StatusCode}: {answer}");
    }
}
