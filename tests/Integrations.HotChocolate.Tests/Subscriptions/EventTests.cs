using System.Text.Json;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using HotChocolate.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Subscriptions;

/// <summary>Events, each for its own tenant's subscribers.</summary>
public sealed class EventTests
{
    private static string NewName => Guid.NewGuid().ToString();

    [Fact]
    public async Task A_topic_of_the_same_name_is_another_for_each_tenant()
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var acme = await SubscribeAsync(app, "acme");
        await using var globex = await SubscribeAsync(app, "globex");
        await using var stream = await ListenAsync(app, "globex");

        await SendAsync(app, "acme");
        await SendAsync(app, "globex");

        Note(await acme.NextAsync()).ShouldBe("acme at acme");
        Note(await globex.NextAsync()).ShouldBe("globex at globex");
        Note(await stream.RequiredAsync()).ShouldBe("globex at globex");
    }

    [Fact]
    public async Task Control_topics_that_are_not_decorated_deliver_another_tenants_event()
    {
        await using var app = await GraphQLApp.StartAsync(options: options => options.ShareTopics = true, tenantTopics: false);
        await using var globex = await SubscribeAsync(app, "globex");

        await SendAsync(app, "acme");

        Note(await globex.NextAsync()).ShouldBe("acme at globex");
    }

    [Fact]
    public async Task Subscriptions_on_topics_of_all_tenants_do_not_start()
    {
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => GraphQLApp.StartAsync(tenantTopics: false))).Message.ShouldContain("AddTenantTopics");
    }

    [Fact]
    public async Task What_is_sent_without_a_tenant_is_refused()
    {
        await using var app = await GraphQLApp.StartAsync();

        await Should.ThrowAsync<TenantMissingException>(() => app.Services.GetRequiredService<ITopicEventSender>().SendAsync("notes", "nobody").AsTask());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_suspended_tenant_is_cut_off_at_the_next_event_before_any_resolver_runs(bool overSocket)
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var listener = overSocket ? await OverSocketAsync(app) : await OverEventsAsync(app);
        await SendAsync(app, "acme");
        Note((await listener.NextAsync())!.Value).ShouldBe("acme at acme");
        var seen = app.Leases.Seen;

        await app.UpdateAsync(new Tenant("acme") { State = TenantState.Suspended });
        await SendAsync(app, "acme");

        Reply.CodeOf((await listener.NextAsync())!.Value).ShouldBe(TenantErrorCodes.Suspended);
        (await listener.NextAsync()).ShouldBeNull("the subscription is complete");
        app.Leases.Seen.ShouldBe(seen);
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task Events_of_a_tenant_that_calls_too_often_come_later_and_are_not_lost()
    {
        await using var app = await GraphQLApp.StartAsync(
            tenancy: all => all.LimitRate(rate => (rate.Permits, rate.Window, rate.Queue) = (3, TimeSpan.FromMilliseconds(100), 0)));
        await using var acme = await SubscribeAsync(app, "acme");

        for (var i = 0; i < 10; i++)
        {
            await SendAsync(app, "acme");
        }

        for (var i = 0; i < 10; i++)
        {
            Note(await acme.NextAsync()).ShouldBe("acme at acme");
        }
    }

    [Fact]
    public async Task A_suspended_tenants_open_socket_starts_nothing_new()
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: Acme);

        await app.UpdateAsync(new Tenant("acme") { State = TenantState.Suspended });
        await socket.SubscribeAsync("1", "{ orders { owner } }");

        (await socket.NextAsync())[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe(TenantErrorCodes.Suspended);
    }

    [Fact]
    public async Task A_subscription_ends_when_the_tenants_data_has_moved()
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var socket = await SubscribeAsync(app, "acme");

        await app.UpdateAsync(new Tenant("acme") { Placement = new TenantPlacement(Isolation.Schema) { Schema = "tenant_t01" } });
        await SendAsync(app, "acme");

        Reply.CodeOf(await socket.NextAsync()).ShouldBe(TenantErrorCodes.Unavailable);
    }

    [Fact]
    public async Task A_subscribe_resolvers_context_lives_as_long_as_its_subscription()
    {
        await using var app = await GraphQLApp.StartAsync();
        var name = NewName;
        await using var stream = await SentEvents.OpenAsync(app, "globex", $"subscription {{ orderSeen(name: \"{name}\") }}");
        for (var i = 0; i < 3; i++)
        {
            (await stream.RequiredAsync()).GetProperty("data").GetProperty("orderSeen").GetString().ShouldBe("globex");
        }

        app.Leases.Alive.ShouldBe(1);
        app.Services.GetRequiredService<Subscribers>().Tell($"{name} may end");

        (await stream.NextAsync()).ShouldBeNull();
        await app.Leases.ShouldAllReturnAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_gives_the_subscribe_resolvers_context_back(bool politely)
    {
        await using var app = await GraphQLApp.StartAsync();
        await using (var socket = await GraphQLSocket.OpenAsync(app, payload: Acme))
        {
            await socket.SubscribeAsync("1", $"subscription {{ orderSeen(name: \"{NewName}\") }}");
            for (var i = 0; i < 3; i++)
            {
                await socket.NextAsync();
            }

            app.Leases.Alive.ShouldBe(1);
            if (politely)
            {
                await socket.StopAsync("1");
                await app.Leases.ShouldAllReturnAsync();
            }
        }

        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task A_subscribe_resolver_that_fails_gives_its_context_back()
    {
        await using var app = await GraphQLApp.StartAsync();

        await using var stream = await SentEvents.OpenAsync(app, "acme", "subscription { neverSeen }");

        (await stream.RequiredAsync()).TryGetProperty("errors", out _).ShouldBeTrue();
        app.Leases.Seen.ShouldBe(1);
        await app.Leases.ShouldAllReturnAsync();
    }

    private static Dictionary<string, string> Acme => new() { [TenantHeader.Name] = "acme" };

    private static string? Note(JsonElement result) =>
        result.TryGetProperty("data", out var data) ? data.GetProperty("noteAdded").GetString() : throw new ShouldAssertException(result.ToString());

    private static async Task<GraphQLSocket> SubscribeAsync(GraphQLApp app, string tenant)
    {
        var (socket, name) = (await GraphQLSocket.OpenAsync(app, payload: new Dictionary<string, string> { [TenantHeader.Name] = tenant }), NewName);
        await socket.SubscribeAsync("1", $"subscription {{ noteAdded(name: \"{name}\") }}");
        await app.Services.GetRequiredService<Subscribers>().Subscribed(name);
        return socket;
    }

    private static async Task<SentEvents> ListenAsync(GraphQLApp app, string tenant)
    {
        var name = NewName;
        var stream = await SentEvents.OpenAsync(app, tenant, $"subscription {{ noteAdded(name: \"{name}\") }}");
        await app.Services.GetRequiredService<Subscribers>().Subscribed(name);
        return stream;
    }

    private static async Task SendAsync(GraphQLApp app, string tenant)
    {
        using var entered = TenantScope.Enter(new Tenant(tenant));
        await app.Services.GetRequiredService<ITopicEventSender>().SendAsync("notes", tenant);
    }

    private static async Task<Listener> OverSocketAsync(GraphQLApp app)
    {
        var socket = await SubscribeAsync(app, "acme");
        return new(socket, async () => await socket.ReadAsync() is { } message && message.TryGetProperty("payload", out var payload) ? payload : null);
    }

    private static async Task<Listener> OverEventsAsync(GraphQLApp app)
    {
        var stream = await ListenAsync(app, "acme");
        return new(stream, stream.NextAsync);
    }

    private sealed class Listener(IAsyncDisposable inner, Func<Task<JsonElement?>> next) : IAsyncDisposable
    {
        public Task<JsonElement?> NextAsync() => next();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
