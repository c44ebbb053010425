using System.Security.Claims;
using Freehold.Integrations.HotChocolate.Tests.Hosting;
using HotChocolate.AspNetCore;
using HotChocolate.AspNetCore.Subscriptions;
using HotChocolate.AspNetCore.Subscriptions.Protocols;
using HotChocolate.Execution.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate.Tests.Subscriptions;

/// <summary>Whose a socket is, from connect to close.</summary>
public sealed class SocketTests
{
    [Theory]
    [InlineData(GraphQLSocket.Modern, "acme", null)]
    [InlineData(GraphQLSocket.Modern, null, "acme")]
    [InlineData(GraphQLSocket.Modern, "acme", "acme")]
    [InlineData(GraphQLSocket.Legacy, "acme", null)]
    [InlineData(GraphQLSocket.Legacy, null, "acme")]
    public async Task A_socket_is_the_tenants_that_its_upgrade_or_its_first_message_names(string protocol, string? header, string? payload)
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var socket = await GraphQLSocket.OpenAsync(app, header, Naming(payload), protocol);

        socket.IsAcknowledged.ShouldBeTrue();
        await socket.SubscribeAsync("1", "{ version orders { owner loadedLines { owner } } }");

        var result = await socket.NextAsync();
        Resolvers.QueryTests.Owners(result).Count.ShouldBe(9, result.ToString());
        Resolvers.QueryTests.Owners(result).ShouldAllBe(owner => owner == "acme");
        await app.Leases.ShouldAllReturnAsync();
    }

    [Theory]
    [InlineData(GraphQLSocket.Modern, null, "nobody", 4404, TenantErrorCodes.Unknown)]
    [InlineData(GraphQLSocket.Modern, null, "no such id!", 4404, TenantErrorCodes.Unknown)]
    [InlineData(GraphQLSocket.Modern, null, "frozen", 4403, TenantErrorCodes.Suspended)]
    [InlineData(GraphQLSocket.Modern, "acme", "globex", 4403, TenantErrorCodes.Mismatch)]
    [InlineData(GraphQLSocket.Legacy, null, "nobody", 4404, TenantErrorCodes.Unknown)]
    [InlineData(GraphQLSocket.Legacy, "acme", "globex", 4403, TenantErrorCodes.Mismatch)]
    public async Task A_socket_of_a_wrong_tenant_is_closed_with_the_code(string protocol, string? header, string? payload, int status, string code)
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var socket = await GraphQLSocket.OpenAsync(app, header, Naming(payload), protocol);

        socket.IsAcknowledged.ShouldBeFalse();
        if (protocol == GraphQLSocket.Legacy)
        {
            socket.InitAnswer.ShouldNotBeNull().GetProperty("payload").GetProperty("extensions").GetProperty("code").GetString().ShouldBe(code);
            (await socket.ReadAsync()).ShouldBeNull();
        }

        (((int?)socket.CloseStatus), socket.CloseReason).ShouldBe((status, code));
    }

    [Theory]
    [InlineData("nobody", 404)]
    [InlineData("frozen", 403)]
    public async Task An_upgrade_request_of_a_wrong_tenant_is_refused(string tenant, int status)
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var socket = await GraphQLSocket.OpenAsync(app, tenant);

        socket.UpgradeStatus.ShouldBe(status);
    }

    [Fact]
    public async Task A_socket_without_a_tenant_runs_what_needs_none_and_nothing_else()
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var socket = await GraphQLSocket.OpenAsync(app);
        socket.IsAcknowledged.ShouldBeTrue();

        await socket.SubscribeAsync("1", "{ version }");
        (await socket.NextAsync()).GetProperty("data").GetProperty("version").GetString().ShouldBe("1 for nobody");
        (await socket.ReadAsync())!.Value.GetProperty("type").GetString().ShouldBe("complete");

        await socket.SubscribeAsync("2", "subscription { noteAdded(name: \"x\") }");
        (await socket.NextAsync())[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe(TenantErrorCodes.Missing);
    }

    [Fact]
    public async Task A_socket_keeps_its_tenant_whatever_an_operation_names()
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: Naming("acme"));

        await socket.SubscribeAsync("1", "{ orders { owner } }", extensions: Naming("globex"));

        (await socket.NextAsync())[0].GetProperty("extensions").GetProperty("code").GetString().ShouldBe(TenantErrorCodes.Mismatch);
    }

    [Theory]
    [InlineData("globex")]
    [InlineData("acme")]
    public async Task A_user_of_another_tenant_gets_no_socket(string named)
    {
        await using var app = await GraphQLApp.StartAsync(before: application => application.Use((context, next) =>
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tenant_id", "acme")], "test"));
            return next(context);
        }));
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: Naming(named));

        socket.IsAcknowledged.ShouldBe(named == "acme");
        ((int?)socket.CloseStatus).ShouldBe(named == "acme" ? null : 4403);
    }

    [Fact]
    public async Task A_user_who_authenticates_in_the_first_message_is_looked_at_too()
    {
        await using var app = await GraphQLApp.StartAsync(schema => schema.AddSocketSessionInterceptor<Recorder>());
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: new Dictionary<string, string> { [TenantHeader.Name] = "globex", ["user-of"] = "acme" });

        ((int?)socket.CloseStatus, socket.CloseReason).ShouldBe((4403, TenantErrorCodes.Mismatch));
    }

    [Fact]
    public async Task Where_requests_name_no_tenant_in_a_header_the_first_message_is_not_believed()
    {
        await using var app = await GraphQLApp.StartAsync(requests: all => all.FromHost("{tenant}.example.com"));
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: Naming("acme"));

        ((int?)socket.CloseStatus, socket.CloseReason).ShouldBe((4404, TenantErrorCodes.Unknown));
    }

    [Fact]
    public async Task Where_requests_name_no_tenant_in_a_header_an_application_can_believe_the_first_message_all_the_same()
    {
        await using var app = await GraphQLApp.StartAsync(
            options: options => options.TrustConnectionInit = true, requests: all => all.FromHost("{tenant}.example.com"));
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: Naming("acme"));

        socket.IsAcknowledged.ShouldBeTrue();
    }

    [Theory]
    [InlineData("globex", 4403)]
    [InlineData("t01", null)]
    public async Task The_claims_that_requests_are_verified_by_are_those_of_sockets_too(string named, int? status)
    {
        await using var app = await GraphQLApp.StartAsync(
            requests: all => all.FromHeader().FromClaim("org"),
            before: application => application.Use((context, next) =>
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("org", "acme"), new Claim("org", "t01")], "test"));
                return next(context);
            }));
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: Naming(named));

        socket.IsAcknowledged.ShouldBe(status is null);
        ((int?)socket.CloseStatus).ShouldBe(status);
    }

    [Fact]
    public async Task What_is_deferred_on_a_socket_is_its_tenants_too()
    {
        await using var app = await GraphQLApp.StartAsync();
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: Naming("acme"));

        await socket.SubscribeAsync("1", "{ orders { id ... @defer { owner lines { owner } loadedLines { owner } } } }");
        var text = "";
        while (await socket.ReadAsync() is { } message && message.GetProperty("type").GetString() != "complete")
        {
            text += message.ToString();
        }

        text.ShouldNotContain("errors");
        text.Split("\"owner\":\"acme\"").Length.ShouldBe(3 + 6 + 6 + 1, text);
        await app.Leases.ShouldAllReturnAsync();
    }

    [Fact]
    public async Task Where_tenants_are_signed_the_first_message_alone_is_not_believed()
    {
        await using var app = await GraphQLApp.StartAsync(tenancy: all => all.SignTenants(signing => signing.Keys["k1"] = Convert.ToBase64String(new byte[32])));
        await using var socket = await GraphQLSocket.OpenAsync(app, payload: Naming("acme"));

        ((int?)socket.CloseStatus, socket.CloseReason).ShouldBe((4404, TenantErrorCodes.Unknown));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_applications_own_interceptor_runs_inside_the_tenant_wherever_it_was_registered(bool first)
    {
        var builder = (IRequestExecutorBuilder schema) => { schema.AddSocketSessionInterceptor<Recorder>(); };
        await using var app = await (first
            ? GraphQLApp.StartAsync(services: services => builder(services.AddGraphQLServer()))
            : GraphQLApp.StartAsync(builder));
        Recorder.Seen.Clear();
        await using (var socket = await GraphQLSocket.OpenAsync(app, payload: Naming("acme")))
        {
            await socket.SubscribeAsync("1", "{ version }");
            await socket.NextAsync();
            await socket.ReadAsync();
        }

        Recorder.Seen.ShouldContain(("connect", "acme"));
        Recorder.Seen.ShouldContain(("request", "acme"));
        Recorder.Seen.ShouldContain(("result", "acme"));
        Recorder.Seen.ShouldAllBe(one => one.Tenant == "acme");
    }

    [Fact]
    public async Task An_interceptor_in_the_place_of_multi_tenancys_stops_the_start()
    {
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => GraphQLApp.StartAsync(schema =>
            schema.Services.PostConfigure<RequestExecutorSetup>(schema.Name, setup => setup.OnConfigureSchemaServicesHooks.Add(
                (_, services) => services.AddSingleton<ISocketSessionInterceptor, Recorder>())))))
            .Message.ShouldContain(nameof(Recorder));
    }

    private static Dictionary<string, string>? Naming(string? tenant) => tenant is null ? null : new() { [TenantHeader.Name] = tenant };

    /// <summary>An application's own: writes down where it is called, and authenticates whom the first message says.</summary>
    public sealed class Recorder : DefaultSocketSessionInterceptor
    {
        public static System.Collections.Concurrent.ConcurrentBag<(string Where, string? Tenant)> Seen { get; } = [];

        public override ValueTask<ConnectionStatus> OnConnectAsync(
            ISocketSession session, IOperationMessagePayload connectionInitMessage, CancellationToken cancellationToken = default)
        {
            Note("connect", session);
            if (connectionInitMessage.Payload is { } payload && payload.TryGetProperty("user-of", out var tenant))
            {
                session.Connection.HttpContext.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tenant_id", tenant.GetString()!)], "test"));
            }

            return base.OnConnectAsync(session, connectionInitMessage, cancellationToken);
        }

        public override ValueTask OnRequestAsync(
            ISocketSession session, string operationSessionId, global::HotChocolate.Execution.OperationRequestBuilder requestBuilder, CancellationToken cancellationToken = default)
        {
            Note("request", session);
            return base.OnRequestAsync(session, operationSessionId, requestBuilder, cancellationToken);
        }

        public override ValueTask<global::HotChocolate.Execution.OperationResult> OnResultAsync(
            ISocketSession session, string operationSessionId, global::HotChocolate.Execution.OperationResult result, CancellationToken cancellationToken = default)
        {
            Note("result", session);
            return base.OnResultAsync(session, operationSessionId, result, cancellationToken);
        }

        private static void Note(string where, ISocketSession session) =>
            Seen.Add((where, session.Connection.RequestServices.GetRequiredService<ITenantContext>().Current?.Id.Value));
    }
}
