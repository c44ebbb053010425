using Freehold;

namespace QuickStart.Tour;

/// <summary>GraphQL over HTTP: plain requests, and those that must be refused.</summary>
internal static class GraphRequests
{
    public static Task<HttpResponseMessage> PlaceAsync(
        Customers customers, string? tenant, string? token, int quantity, CancellationToken cancellationToken)
    {
        const string query = "mutation ($quantity: Int!) { placeOrder(product: \"anvil\", quantity: $quantity) { id total } }";
        return SendAsync(customers, tenant, token, new { query, variables = new { quantity } }, cancellationToken);
    }

    public static async Task<HttpResponseMessage> SendAsync(
        Customers customers, string? tenant, string? token, object operation, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = JsonContent.Create(operation) };
        return await customers.SendAsync(request, tenant, token, cancellationToken);
    }

    public static async Task<IReadOnlyList<Refusal>> ProvokeAllAsync(string url, Customers customers, CancellationToken cancellationToken)
    {
        var ann = await customers.SignInAsync("ann", cancellationToken);
        return
        [
            await ProvokeAsync("GraphQL: no tenant named", null, null, 400, TenantErrorCodes.Missing),
            await ProvokeAsync("GraphQL: ann of acme asks for globex", "globex", ann, 403, TenantErrorCodes.Mismatch),
            await ConnectAsync("GraphQL: a socket of initech", Tenants.Initech.Id.Value, 4403, TenantErrorCodes.Suspended),
        ];

        async Task<Refusal> ProvokeAsync(string what, string? tenant, string? token, int status, string code)
        {
            using var response = await PlaceAsync(customers, tenant, token, Refusal.Quantity, cancellationToken);
            return new(what, status, code, (int)response.StatusCode, await Refusal.CodeAsync(response, cancellationToken));
        }

        async Task<Refusal> ConnectAsync(string what, string tenant, int status, string code)
        {
            using var socket = new GraphSocket();
            await socket.ConnectAsync(url, tenant, cancellationToken);
            var answer = await socket.ReceiveAsync(cancellationToken);
            return answer is null
                ? new(what, status, code, socket.Closed.Status, socket.Closed.Reason)
                : new(what, status, code, 101, answer.Value.GetProperty("type").GetString());
        }
    }
}
