using System.Text.Json;
using Freehold.Contracts;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using HotChocolate.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Propagation;

[Boundary("HotChocolate", "subscription", "WebSocket, upgrade request")]
public sealed class UpgradeSocketPropagationTests() : SocketPropagationTests(GraphQLSocket.Modern, byHeader: true);

[Boundary("HotChocolate", "subscription", "WebSocket, connection_init")]
public sealed class InitSocketPropagationTests() : SocketPropagationTests(GraphQLSocket.Modern, byHeader: false);

[Boundary("HotChocolate", "subscription", "WebSocket, legacy protocol")]
public sealed class LegacySocketPropagationTests() : SocketPropagationTests(GraphQLSocket.Legacy, byHeader: false);

/// <summary>A socket for every visit, whose far side is the resolver of the event.</summary>
public abstract class SocketPropagationTests(string protocol, bool byHeader) : SubscriptionPropagationTests
{
    private protected sealed override async Task<Crossing> CrossAsync(GraphQLApp app, string? tenantId, Guid visit, string suffix)
    {
        var payload = byHeader || tenantId is null ? null : new Dictionary<string, string> { [TenantHeader.Name] = tenantId };
        await using var socket = await GraphQLSocket.OpenAsync(app, byHeader ? tenantId : null, payload, protocol);
        if (socket.UpgradeStatus is { } status)
        {
            return new(status == 404 ? TenantErrorCodes.Unknown : status == 403 ? TenantErrorCodes.Suspended : $"{status}");
        }

        if (!socket.IsAcknowledged)
        {
            return new(socket.InitAnswer is { } refusal ? refusal.GetProperty("payload").GetProperty("extensions").GetProperty("code").GetString() : socket.CloseReason);
        }

        await socket.SubscribeAsync("1", Subscription(visit, suffix));
        return await FollowAsync(app, tenantId, visit, socket.NextAsync());
    }
}

[Boundary("HotChocolate", "subscription", "Server-Sent Events")]
public sealed class EventStreamPropagationTests : SubscriptionPropagationTests
{
    private protected override async Task<Crossing> CrossAsync(GraphQLApp app, string? tenantId, Guid visit, string suffix)
    {
        await using var stream = await SentEvents.OpenAsync(app, tenantId, Subscription(visit, suffix));
        return await FollowAsync(app, tenantId, visit, stream.RequiredAsync());
    }
}

public abstract class SubscriptionPropagationTests : GraphQLBoundaryTests
{
    private protected static string Subscription(Guid visit, string suffix) => $"subscription {{ visit{suffix}(visit: \"{visit}\") }}";

    /// <summary>Sends the event as soon as somebody listens, and reads what comes of it; or of having been refused.</summary>
    private protected static async Task<Crossing> FollowAsync(GraphQLApp app, string? tenantId, Guid visit, Task<JsonElement> next)
    {
        if (await Task.WhenAny(next, app.Services.GetRequiredService<Subscribers>().Subscribed(visit.ToString())) != next)
        {
            using var entered = tenantId is null ? TenantScope.EnterNone() : TenantScope.Enter(new Tenant(tenantId));
            await app.Services.GetRequiredService<ITopicEventSender>().SendAsync($"visit {visit}", visit);
        }

        return Outcome(await next);
    }
}
