using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class HubTests
{
    [Fact]
    public async Task Every_call_of_a_hub_runs_for_the_tenant_of_its_connection_until_that_is_suspended()
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseMultiTenancy();
                app.MapHub<WhoHub>("/hub");
            },
            services: services => services.AddSignalR());
        using var acme = await ConnectAsync(app, "acme");
        using var globex = await ConnectAsync(app, "globex");

        (await CallAsync(acme)).ShouldBe("acme");
        (await CallAsync(globex)).ShouldBe("globex");
        (await CallAsync(acme)).ShouldBe("acme");

        await app.Services.GetRequiredService<ITenantRegistry>().UpdateAsync(
            new Tenant("acme") { State = TenantState.Suspended }, TestContext.Current.CancellationToken);

        (await CallAsync(acme)).ShouldContain(TenantErrorCodes.Suspended);
        (await CallAsync(globex)).ShouldBe("globex");
    }

    [Fact]
    public async Task A_hub_needs_a_tenant_like_any_endpoint()
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseMultiTenancy();
                app.MapHub<WhoHub>("/hub");
            },
            services: services => services.AddSignalR());

        await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(app, null));
        await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(app, "nobody"));
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestApp app, string? tenant)
    {
        var socket = new ClientWebSocket();
        if (tenant is not null)
        {
            socket.Options.SetRequestHeader("tenant-id", tenant);
        }

        await socket.ConnectAsync(new Uri($"ws://{app.Client.BaseAddress!.Authority}/hub"), TestContext.Current.CancellationToken);
        await SendAsync(socket, """{"protocol":"json","version":1}""");
        (await ReceiveAsync(socket)).ShouldBe("{}");
        return socket;
    }

    private static async Task<string> CallAsync(ClientWebSocket socket)
    {
        await SendAsync(socket, """{"type":1,"invocationId":"1","target":"Who","arguments":[]}""");
        while (true)
        {
            var message = JsonDocument.Parse(await ReceiveAsync(socket)).RootElement;
            if (message.GetProperty("type").GetInt32() == 3)
            {
                return (message.TryGetProperty("result", out var result) ? result : message.GetProperty("error")).GetString()!;
            }
        }
    }

    private static async Task SendAsync(ClientWebSocket socket, string message) =>
        await socket.SendAsync(Encoding.UTF8.GetBytes(message + '\u001e'), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, received.Count).TrimEnd('\u001e');
    }
}

public sealed class WhoHub(ITenantContext tenants) : Hub
{
    public string? Who() => tenants.Current?.Id.Value;
}
