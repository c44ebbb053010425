using System.Net.WebSockets;
using System.Text.Json;
using Freehold;

namespace QuickStart.Tour;

/// <summary>A plain WebSocket that speaks graphql-transport-ws, as a browser would: its first message names the tenant.</summary>
internal sealed class GraphSocket : IDisposable
{
    private readonly ClientWebSocket _socket = new();

    /// <summary>With what status and words the server closed.</summary>
    public (int Status, string? Reason) Closed => ((int?)_socket.CloseStatus ?? 0, _socket.CloseStatusDescription);

    /// <summary>Connects, and says whose it is.</summary>
    public async Task ConnectAsync(string url, string tenant, CancellationToken cancellationToken)
    {
        _socket.Options.AddSubProtocol("graphql-transport-ws");
        _socket.Options.Proxy = null;
        await _socket.ConnectAsync(new UriBuilder(url) { Scheme = "ws", Path = "graphql" }.Uri, cancellationToken);
        await SendAsync(new { type = "connection_init", payload = new Dictionary<string, string> { [TenantHeader.Name] = tenant } }, cancellationToken);
    }

    public Task SubscribeAsync(string query, CancellationToken cancellationToken) =>
        SendAsync(new { id = "1", type = "subscribe", payload = new { query } }, cancellationToken);

    /// <summary>The next message; null when the server closed, or the connection after our goodbye.</summary>
    public async Task<JsonElement?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await MessageAsync(cancellationToken);
        }
        catch (WebSocketException) when (_socket.State is WebSocketState.CloseSent or WebSocketState.Aborted)
        {
            return null;
        }
    }

    /// <summary>Says goodbye; the server answers by closing, which <see cref="ReceiveAsync"/> sees.</summary>
    public Task EndAsync(CancellationToken cancellationToken) =>
        _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);

    public void Dispose() => _socket.Dispose();

    private async Task<JsonElement?> MessageAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        using var message = new MemoryStream();
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(buffer, cancellationToken);
            message.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);

        return received.MessageType == WebSocketMessageType.Close
            ? null
            : JsonDocument.Parse(message.ToArray()).RootElement;
    }

    private Task SendAsync(object message, CancellationToken cancellationToken) =>
        _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
}
