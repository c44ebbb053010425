using System.Collections.Concurrent;
using System.Text.Json;
using Freehold;
using HotChocolate.Subscriptions;

namespace QuickStart.Tour;

/// <summary>A customer who is told of the orders of its tenant while they are placed.</summary>
internal sealed class Subscriber : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly GraphSocket _socket = new();
    private readonly ConcurrentDictionary<Guid, int> _heard = new();
    private readonly string _tenant;
    private Task _listening = Task.CompletedTask;

    private Subscriber(string tenant) => _tenant = tenant;

    /// <summary>The totals of the orders it was told of.</summary>
    public IReadOnlyDictionary<Guid, int> Heard => _heard;

    /// <summary>Subscribes, and is told of an order that was placed before until it hears: the protocol does not say when a subscription begins.</summary>
    public static async Task<Subscriber> ListenAsync(IServiceProvider services, string url, PlacedOrder before, CancellationToken cancellationToken)
    {
        var subscriber = new Subscriber(before.Tenant);
        await subscriber._socket.ConnectAsync(url, before.Tenant, cancellationToken);
        await subscriber._socket.SubscribeAsync("subscription { orderPlaced { id total } }", cancellationToken);
        subscriber._listening = subscriber.ListenAsync(cancellationToken);
        var tenant = new Tenant(before.Tenant);
        await subscriber.WaitAsync(
            async () =>
            {
                using var entered = TenantScope.Enter(tenant);
                await services.GetRequiredService<ITopicEventSender>().SendAsync(nameof(Subscription.OrderPlacedAsync), before.Id, cancellationToken);
            },
            [before.Id],
            cancellationToken);
        return subscriber;
    }

    /// <summary>Waits until it has heard of these orders, and goes.</summary>
    /// <exception cref="TourFailedException">It takes too long.</exception>
    public async Task HearAsync(IReadOnlyCollection<Guid> orders, CancellationToken cancellationToken)
    {
        await WaitAsync(() => Task.CompletedTask, orders, cancellationToken);
        await _socket.EndAsync(cancellationToken);
        await _listening;
    }

    public void Dispose() => _socket.Dispose();

    private async Task WaitAsync(Func<Task> doing, IReadOnlyCollection<Guid> orders, CancellationToken cancellationToken)
    {
        var end = DateTime.UtcNow + Patience;
        while (!orders.All(_heard.ContainsKey))
        {
            if (_listening.IsCompleted || DateTime.UtcNow > end)
            {
                await _listening;
                throw new TourFailedException(
                    $"The subscriber of {_tenant} heard of {orders.Count(_heard.ContainsKey)} of {orders.Count} orders, and then nothing more.");
            }

            await doing();
            await Task.Delay(Moment, cancellationToken);
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (await _socket.ReceiveAsync(cancellationToken) is { } message)
        {
            switch (message.GetProperty("type").GetString())
            {
                case "next" when message.GetProperty("payload").TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object:
                    var order = data.GetProperty("orderPlaced");
                    _heard[order.GetProperty("id").GetGuid()] = order.GetProperty("total").GetInt32();
                    break;
                case "next" or "error":
                    throw new TourFailedException($"The subscriber of {_tenant} was answered with {message}");
            }
        }
    }
}
