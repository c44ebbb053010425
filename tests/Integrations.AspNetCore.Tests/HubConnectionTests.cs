using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class HubConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static TheoryData<HttpTransportType> Transports =>
        [HttpTransportType.WebSockets, HttpTransportType.ServerSentEvents, HttpTransportType.LongPolling];

    [Theory, MemberData(nameof(Transports))]
    public async Task A_connection_keeps_the_tenant_it_was_opened_for_from_OnConnected_to_OnDisconnected(HttpTransportType transport)
    {
        var seen = new HubLog();
        await using var app = await StartAsync(seen);
        var header = new SetHeader("acme");
        await using (var connection = await ConnectAsync(app, transport, header))
        {
            (await seen.NextAsync()).ShouldBe("connected: acme");

            // As a client would that changed its mind, or somebody who got hold of the connection's token.
            header.Tenant = "globex";

            (await connection.InvokeAsync<string>(nameof(ChatHub.Who))).ShouldBe("acme");
            (await connection.StreamAsync<string>(nameof(ChatHub.WhoTwice)).ToListAsync()).ShouldBe(["acme", "acme"]);
            (await connection.StreamAsync<string>(nameof(ChatHub.WhoByChannel)).ToListAsync()).ShouldBe(["acme", "acme"]);
            header.Tenant = "acme";
        }

        (await seen.NextAsync()).ShouldBe("disconnected: acme");
    }

    [Theory, MemberData(nameof(Transports))]
    public async Task A_suspended_tenants_open_connection_does_nothing_any_more_but_clean_up(HttpTransportType transport)
    {
        var (seen, log) = (new HubLog(), new AppLog());
        await using var app = await StartAsync(seen, services => services.AddSingleton<ILoggerProvider>(log));
        await using (var acme = await ConnectAsync(app, transport, new("acme")))
        {
            await using var globex = await ConnectAsync(app, transport, new("globex"));
            (await acme.InvokeAsync<string>(nameof(ChatHub.Who))).ShouldBe("acme");
            string[] begins = [await seen.NextAsync(), await seen.NextAsync()];
            begins.ShouldBe(["connected: acme", "connected: globex"], ignoreOrder: true);

            await ChangeAsync(app, new Tenant("acme") { State = TenantState.Suspended });

            var refusal = await Should.ThrowAsync<Exception>(acme.InvokeAsync<string>(nameof(ChatHub.Who)));
            if (transport == HttpTransportType.WebSockets)
            {
                // The others are refused with each request they send.
                refusal.ShouldBeOfType<HubException>().Message.ShouldContain(TenantErrorCodes.Suspended);
                (await Should.ThrowAsync<HubException>(async () => await acme.StreamAsync<string>(nameof(ChatHub.WhoTwice)).ToListAsync()))
                    .Message.ShouldContain(TenantErrorCodes.Suspended);
                log.All.ShouldContain(logged => logged.Text.Contains("'acme' is suspended", StringComparison.Ordinal));
            }

            (await globex.InvokeAsync<string>(nameof(ChatHub.Who))).ShouldBe("globex");
        }

        string[] ends = [await seen.NextAsync(), await seen.NextAsync(), await seen.NextAsync()];
        ends.ShouldBe(["who: globex", "disconnected: globex", "disconnected: acme"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_sent_to_a_tenants_clients_reaches_no_other_tenants()
    {
        await using var app = await StartAsync(new HubLog());
        await using var acme = await ConnectAsync(app, HttpTransportType.WebSockets, new("acme"));
        await using var acmeToo = await ConnectAsync(app, HttpTransportType.LongPolling, new("acme"));
        await using var globex = await ConnectAsync(app, HttpTransportType.WebSockets, new("globex"));
        await using var nobody = await ConnectAsync(app, HttpTransportType.WebSockets, new(null), "/chat/free");
        var (first, second, other, none) = (Receive(acme), Receive(acmeToo), Receive(globex), Receive(nobody));

        await acme.InvokeAsync(nameof(ChatHub.Tell), "from the hub");
        var hub = app.Services.GetRequiredService<IHubContext<ChatHub, IChat>>();
        await hub.Clients.Tenant(new Tenant("acme")).Said("from outside");
        await hub.Clients.Tenant(new Tenant("globex")).Said("to globex");

        // Messages to one client keep their order, so what was sent before would have been seen before.
        await hub.Clients.All.Said("end");
        await app.Services.GetRequiredService<IHubContext<LaxChatHub, IChat>>().Clients.All.Said("end");
        (await first()).ShouldBe(["from the hub", "from outside"]);
        (await second()).ShouldBe(["from the hub", "from outside"]);
        (await other()).ShouldBe(["to globex"]);
        (await none()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_connection_without_a_tenant_calls_what_needs_none()
    {
        await using var app = await StartAsync(new HubLog());
        await using var connection = await ConnectAsync(app, HttpTransportType.WebSockets, new(null), "/chat/free");

        (await connection.InvokeAsync<string>(nameof(ChatHub.Who))).ShouldBe("nobody");
        (await Should.ThrowAsync<HubException>(connection.InvokeAsync<string>(nameof(ChatHub.WhoForSure))))
            .Message.ShouldContain(TenantErrorCodes.Missing);
    }

    [Fact]
    public async Task A_tenant_error_of_a_hub_method_is_its_code_and_nothing_more()
    {
        await using var app = await StartAsync(new HubLog());
        await using var connection = await ConnectAsync(app, HttpTransportType.WebSockets, new("acme"));

        var error = await Should.ThrowAsync<HubException>(connection.InvokeAsync(nameof(ChatHub.Mismatch)));

        error.Message.ShouldContain(TenantErrorCodes.Mismatch);
        error.Message.ShouldNotContain("globex");
    }

    [Fact]
    public async Task A_connection_that_was_opened_before_its_tenants_data_was_moved_is_closed_at_its_next_call()
    {
        var seen = new HubLog();
        await using var app = await StartAsync(seen);
        await using var connection = await ConnectAsync(app, HttpTransportType.WebSockets, new("acme"));
        var closed = new TaskCompletionSource();
        connection.Closed += _ =>
        {
            closed.SetResult();
            return Task.CompletedTask;
        };
        (await seen.NextAsync()).ShouldBe("connected: acme");

        await ChangeAsync(app, new Tenant("acme") { Placement = new(Isolation.Schema) { Schema = "elsewhere" } });

        await Should.ThrowAsync<Exception>(connection.InvokeAsync<string>(nameof(ChatHub.Who)));
        await closed.Task.WaitAsync(Patience);
        (await seen.NextAsync()).ShouldBe("disconnected: acme");
        await using var again = await ConnectAsync(app, HttpTransportType.WebSockets, new("acme"));
        (await again.InvokeAsync<string>(nameof(ChatHub.Who))).ShouldBe("acme");
    }

    [Fact]
    public async Task The_activity_of_every_call_says_whose_it_is()
    {
        var activities = new ConcurrentQueue<(string Name, object? Tenant)>();
        await using var app = await StartAsync(new HubLog());
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore.SignalR.Server",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // Other tests' hubs run in this process too.
                if (activity.DisplayName.Contains(nameof(TracedHub), StringComparison.Ordinal))
                {
                    activities.Enqueue((activity.DisplayName[(activity.DisplayName.LastIndexOf('/') + 1)..], activity.GetTagItem("tenant.id")));
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        await using (var connection = await ConnectAsync(app, HttpTransportType.WebSockets, new("acme"), "/traced"))
        {
            await connection.InvokeAsync(nameof(TracedHub.Call));
            (await connection.StreamAsync<string>(nameof(TracedHub.Stream)).ToListAsync()).ShouldBe([connection.ConnectionId!]);
        }

        await app.StopAsync();
        activities.ShouldBe([("OnConnectedAsync", "acme"), ("Call", "acme"), ("Stream", "acme"), ("OnDisconnectedAsync", "acme")]);
    }

    private static Task<TestApp> StartAsync(HubLog seen, Action<IServiceCollection>? services = null) => TestApp.StartAsync(
        app =>
        {
            app.UseMultiTenancy();
            app.MapHub<ChatHub>("/chat");
            app.MapHub<LaxChatHub>("/chat/free");
            app.MapHub<TracedHub>("/traced");
        },
        services: all =>
        {
            all.AddSignalR(hubs => (hubs.ClientTimeoutInterval, hubs.HandshakeTimeout) = (Patience, Patience));
            all.AddSingleton(seen);
            services?.Invoke(all);
        });

    private static async Task<HubConnection> ConnectAsync(TestApp app, HttpTransportType transport, SetHeader header, string path = "/chat")
    {
        var connection = new HubConnectionBuilder()
            .WithUrl(new Uri(app.Client.BaseAddress!, path), transport, http =>
            {
                http.HttpMessageHandlerFactory = inner =>
                {
                    header.InnerHandler = inner;
                    return header;
                };
                if (header.Tenant is { } tenant)
                {
                    // For the socket itself.
                    http.Headers[TenantHeader.Name] = tenant;
                }
            })
            .WithServerTimeout(Patience).Build();
        connection.HandshakeTimeout = Patience;
        await connection.StartAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>Collects from now on; the result waits for "end" and says what came before.</summary>
    private static Func<Task<IReadOnlyList<string>>> Receive(HubConnection connection)
    {
        var said = Channel.CreateUnbounded<string>();
        connection.On<string>(nameof(IChat.Said), text => said.Writer.TryWrite(text));
        return async () =>
        {
            var texts = new List<string>();
            while (await said.Reader.ReadAsync().AsTask().WaitAsync(Patience) is var text and not "end")
            {
                texts.Add(text);
            }

            return texts;
        };
    }

    private static Task ChangeAsync(TestApp app, Tenant tenant) =>
        app.Services.GetRequiredService<ITenantRegistry>().UpdateAsync(tenant, TestContext.Current.CancellationToken);

    private sealed class SetHeader(string? tenant) : DelegatingHandler
    {
        public string? Tenant { get; set; } = tenant;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Remove(TenantHeader.Name);
            if (Tenant is not null)
            {
                request.Headers.Add(TenantHeader.Name, Tenant);
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>What hubs wrote down, in order.</summary>
public sealed class HubLog
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public void Write(string line) => _lines.Writer.TryWrite(line);

    public Task<string> NextAsync() => _lines.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2));
}

public interface IChat
{
    Task Said(string text);
}

public class ChatHub(ITenantContext tenants, HubLog log) : Hub<IChat>
{
    public override Task OnConnectedAsync()
    {
        log.Write($"connected: {tenants.Current?.Id}");
        return base.OnConnectedAsync();
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        await Task.Yield();
        log.Write($"disconnected: {tenants.Current?.Id}");
    }

    public string Who()
    {
        var who = tenants.Current?.Id.Value ?? "nobody";
        if (who == "globex")
        {
            log.Write("who: globex");
        }

        return who;
    }

    [RequireTenant]
    public string WhoForSure() => Who();

    public async IAsyncEnumerable<string> WhoTwice()
    {
        yield return Who();
        await Task.Yield();
        yield return Who();
    }

    public ChannelReader<string> WhoByChannel()
    {
        var channel = Channel.CreateUnbounded<string>();
        _ = Task.Run(async () =>
        {
            await channel.Writer.WriteAsync(Who());
            await Task.Yield();
            await channel.Writer.WriteAsync(Who());
            channel.Writer.Complete();
        });
        return channel.Reader;
    }

    public Task Tell(string text) => Clients.Tenant(tenants.Required).Said(text);

    public Task Mismatch() => throw new TenantMismatchException(tenants.Required.Id.Value, "globex", "A test");
}

[AllowNoTenant]
public sealed class LaxChatHub(ITenantContext tenants, HubLog log) : ChatHub(tenants, log);

public sealed class TracedHub : Hub
{
    public string Call() => Context.ConnectionId;

    public async IAsyncEnumerable<string> Stream()
    {
        await Task.Yield();
        yield return Context.ConnectionId;
    }
}
