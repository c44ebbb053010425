using System.Net.WebSockets;
using System.Text.Json;

namespace Freehold.Integrations.HotChocolate.Tests.Hosting;

/// <summary>A client of either protocol, message by message.</summary>
internal sealed class GraphQLSocket : IAsyncDisposable
{
    public const string Modern = "graphql-transport-ws";
    public const string Legacy = "graphql-ws";

    private readonly ClientWebSocket _socket = new();

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    private string Start => _socket.SubProtocol == Legacy ? "start" : "subscribe";

    /// <summary>Opens the socket and sends connection_init. <see cref="InitAnswer"/> is what came.</summary>
    public static async Task<GraphQLSocket> OpenAsync(GraphQLApp app, string? header = null, object? payload = null, string protocol = Modern)
    {
        var socket = new GraphQLSocket();
        socket._socket.Options.AddSubProtocol(protocol);
        socket._socket.Options.CollectHttpResponseDetails = true;
        if (header is not null)
        {
            socket._socket.Options.SetRequestHeader(TenantHeader.Name, header);
        }

        var address = new UriBuilder(app.Client.BaseAddress!) { Scheme = "ws", Path = "/graphql" }.Uri;
        try
        {
            await socket._socket.ConnectAsync(address, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            socket.UpgradeStatus = (int)socket._socket.HttpStatusCode;
            return socket;
        }

        await socket.SendAsync(new { type = "connection_init", payload });
        socket.InitAnswer = await socket.ReadAsync();
        return socket;
    }

    /// <summary>The HTTP status, where the upgrade itself was refused.</summary>
    public int? UpgradeStatus { get; private set; }

    /// <summary>connection_ack, or why not; null where the socket was closed without a word.</summary>
    public JsonElement? InitAnswer { get; private set; }

    public bool IsAcknowledged => InitAnswer is { } answer && answer.GetProperty("type").GetString() == "connection_ack";

    public Task SubscribeAsync(string id, string query, object? variables = null, object? extensions = null) =>
        SendAsync(new { id, type = Start, payload = new { query, variables, extensions } });

    public Task StopAsync(string id) => SendAsync(new { id, type = _socket.SubProtocol == Legacy ? "stop" : "complete" });

    public Task SendAsync(object message) =>
        _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    /// <summary>The next message that is no ping; null where the socket is closed.</summary>
    public async Task<JsonElement?> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Contracts.Visit.Patience);
        while (true)
        {
            var buffer = new MemoryStream();
            var chunk = new byte[4096];
            WebSocketReceiveResult received;
            do
            {
                received = await _socket.ReceiveAsync(chunk, patience.Token);
                await buffer.WriteAsync(chunk.AsMemory(0, received.Count));
            }
            while (!received.EndOfMessage);

            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            var message = JsonDocument.Parse(buffer.ToArray()).RootElement;
            if (message.GetProperty("type").GetString() is not ("ping" or "ka"))
            {
                return message;
            }
        }
    }

    /// <summary>The payload of the next result or error.</summary>
    public async Task<JsonElement> NextAsync() => (await ReadAsync() ?? throw new ShouldAssertException($"closed: {CloseStatus} {CloseReason}")).GetProperty("payload");

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open)
        {
            // Without waiting for the answer: a server that is going away gives none.
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        _socket.Dispose();
    }
}
