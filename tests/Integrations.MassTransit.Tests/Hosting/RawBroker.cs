using System.Text;
using System.Text.Json.Nodes;
using Freehold.Contracts;
using Freehold.Shared;
using RabbitMQ.Client;

namespace Freehold.Integrations.MassTransit.Tests.Hosting;

/// <summary>Whoever can reach the broker, without MassTransit.</summary>
public sealed class RawBroker : IAsyncDisposable
{
    private const string Tap = "tap";

    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private RawBroker(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<RawBroker> ConnectAsync(RabbitVirtualHost host)
    {
        var connection = await new ConnectionFactory { Uri = host.Uri }.CreateConnectionAsync();
        return new(connection, await connection.CreateChannelAsync());
    }

    /// <summary>Gets a copy of all messages of that type from now on.</summary>
    public async Task TapAsync<T>()
    {
        await _channel.QueueDeclareAsync(Tap, durable: false, exclusive: true, autoDelete: true);
        await _channel.QueueBindAsync(Tap, $"{typeof(T).Namespace}:{typeof(T).Name}", "");
    }

    public Task<RawMessage> TakeTappedAsync() => TakeAsync(Tap);

    /// <summary>MassTransit makes the queue where it first needs it, the same.</summary>
    public async Task<RawMessage> TakeFromErrorAsync(string queue)
    {
        await _channel.QueueDeclareAsync($"{queue}_error", durable: true, exclusive: false, autoDelete: false);
        return await TakeAsync($"{queue}_error");
    }

    public async Task PutAsync(string queue, RawMessage message) => await _channel.BasicPublishAsync(
        "", queue, mandatory: true, message.Properties, Encoding.UTF8.GetBytes(message.Envelope.ToJsonString()));

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task<RawMessage> TakeAsync(string queue)
    {
        for (var deadline = DateTime.UtcNow + Visit.Patience; DateTime.UtcNow < deadline; await Task.Delay(20))
        {
            if (await _channel.BasicGetAsync(queue, autoAck: true) is { } got)
            {
                return new(new BasicProperties(got.BasicProperties), JsonNode.Parse(got.Body.Span)!.AsObject());
            }
        }

        throw new TimeoutException($"Nothing came to the queue {queue}.");
    }
}

/// <summary>A message as it lies in a queue.</summary>
public sealed record RawMessage(BasicProperties Properties, JsonObject Envelope)
{
    public string? this[string header]
    {
        get => Headers[header]?.GetValue<string>();
        set
        {
            Headers.Remove(header);
            Properties.Headers?.Remove(header);
            if (value is not null)
            {
                Headers[header] = value;
                Properties.Headers![header] = value;
            }
        }
    }

    public Guid? Id
    {
        get => Envelope["messageId"] is { } id ? Guid.Parse(id.GetValue<string>()) : null;
        set => (Envelope["messageId"], Properties.MessageId) = (value?.ToString(), value?.ToString());
    }

    public Guid Order
    {
        set => Envelope["message"]!["id"] = value.ToString();
    }

    private JsonObject Headers => Envelope["headers"]!.AsObject();
}
