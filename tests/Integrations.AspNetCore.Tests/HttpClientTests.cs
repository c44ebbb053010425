using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class HttpClientTests
{
    [Fact]
    public async Task The_tenant_that_is_current_when_a_request_is_sent_is_stamped_on_it()
    {
        await using var far = await StartFarAsync();
        await using var services = Clients(client => client.AddTenantHeader());
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("far");

        (await SendAsync(client, far, "/echo", "acme")).ShouldBe("acme");
        (await SendAsync(client, far, "/echo", "globex")).ShouldBe("globex");
        (await SendAsync(client, far, "/echo", null)).ShouldBe("nothing");
    }

    [Fact]
    public async Task A_client_that_did_not_ask_for_it_sends_no_tenant()
    {
        await using var far = await StartFarAsync();
        await using var services = Clients(client => client.AddTenantHeader());
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("other");

        (await SendAsync(client, far, "/echo", "acme")).ShouldBe("nothing");
    }

    [Fact]
    public async Task A_client_that_requires_a_tenant_sends_nothing_without_one()
    {
        await using var far = await StartFarAsync();
        await using var services = Clients(client => client.AddTenantHeader(required: true));
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("far");

        await Should.ThrowAsync<TenantMissingException>(() => SendAsync(client, far, "/echo", null));
        (await SendAsync(client, far, "/echo", "acme")).ShouldBe("acme");
    }

    [Theory]
    [InlineData("globex")]
    [InlineData(null)]
    public async Task A_header_of_the_callers_own_that_contradicts_is_not_sent(string? current)
    {
        await using var far = await StartFarAsync();
        await using var services = Clients(client => client.AddTenantHeader());
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("far");
        client.DefaultRequestHeaders.Add(TenantHeader.Name, "acme");

        (await Should.ThrowAsync<TenantMismatchException>(() => SendAsync(client, far, "/echo", current))).TenantId.ShouldBe("acme");
        (await SendAsync(client, far, "/echo", "acme")).ShouldBe("acme");
    }

    [Theory]
    [InlineData("default handler")]
    [InlineData("SocketsHttpHandler set later")]
    [InlineData("HttpClientHandler set later")]
    [InlineData("one shared handler")]
    public async Task The_tenant_does_not_follow_a_redirect_to_another_host(string primary)
    {
        await using var elsewhere = await StartFarAsync();
        await using var far = await StartFarAsync();
        using var shared = new SocketsHttpHandler();
        await using var services = Clients(client =>
        {
            client.AddTenantHeader();
            _ = primary switch
            {
                "SocketsHttpHandler set later" => client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler()),
                "HttpClientHandler set later" => client.ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler()),
                "one shared handler" => client.ConfigurePrimaryHttpMessageHandler(() => shared),
                _ => client,
            };
        });
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("far");

        (await SendAsync(client, far, "/redirect?to=" + elsewhere.Client.BaseAddress + "echo", "acme")).ShouldBe("redirected: 302");

        // What would have happened, and why redirects are not left to the handler.
        using var plain = new HttpClient();
        plain.DefaultRequestHeaders.Add(TenantHeader.Name, "acme");
        (await SendAsync(plain, far, "/redirect?to=" + elsewhere.Client.BaseAddress + "echo", null)).ShouldBe("acme");
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost", false)]
    [InlineData("127.0.0.1.example.com", false)]
    public async Task Only_the_named_hosts_are_told_the_tenant(string host, bool told)
    {
        await using var far = await StartFarAsync();
        await using var services = Clients(client => client.AddTenantHeader(required: true, "billing.internal", host));
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("far");

        (await SendAsync(client, far, "/echo", "acme")).ShouldBe(told ? "acme" : "nothing");

        // What another host gets needs no tenant, and loses one that it was given.
        if (!told)
        {
            client.DefaultRequestHeaders.Add(TenantHeader.Name, "globex");
            (await SendAsync(client, far, "/echo", null)).ShouldBe("nothing");
        }
    }

    [Theory]
    [InlineData("billing.internal", "http://billing.internal/", true)]
    [InlineData("billing.internal", "https://BILLING.internal:8443/x", true)]
    [InlineData("billing.internal", "http://a.billing.internal/", false)]
    [InlineData("billing.internal", "http://billing.internal.evil.org/", false)]
    [InlineData("billing.internal", "http://billing.internal@evil.org/", false)]
    [InlineData("*.example.com", "http://a.example.com/", true)]
    [InlineData("*.example.com", "http://a.b.EXAMPLE.com/", true)]
    [InlineData("*.example.com", "http://example.com/", false)]
    [InlineData("*.example.com", "http://.example.com/", false)]
    [InlineData("*.example.com", "http://evilexample.com/", false)]
    [InlineData("bücher.example", "http://xn--bcher-kva.example/", true)]
    [InlineData("[::1]", "http://[0:0::1]:5000/", true)]
    public void A_host_is_named_exactly_or_by_what_it_is_below(string host, string address, bool included) =>
        new TenantReceivers([host]).Include(Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null).ShouldBe(included);

    [Theory]
    [InlineData("https://billing.internal")]
    [InlineData("billing.internal:80")]
    [InlineData("billing.internal:8080")]
    [InlineData("billing.internal/x")]
    [InlineData("user@billing.internal")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a.*.example.com")]
    [InlineData("")]
    [InlineData(null)]
    public void A_host_that_is_none_is_a_mistake_that_is_named(string? host) =>
        Should.Throw<MultiTenancyConfigurationException>(() => new ServiceCollection().AddHttpClient("far").AddTenantHeader(hosts: [host!]))
            .Message.ShouldContain($"'{host}'");

    [Fact]
    public async Task A_request_that_is_sent_on_to_another_host_loses_its_tenant()
    {
        await using var elsewhere = await StartFarAsync();
        await using var far = await StartFarAsync();
        await using var services = Clients(client => client
            .AddHttpMessageHandler(() => new Follower(new UriBuilder(elsewhere.Client.BaseAddress!) { Host = "localhost", Path = "/echo" }.Uri))
            .AddTenantHeader(hosts: "127.0.0.1"));
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("far");

        (await SendAsync(client, far, "/echo", "acme")).ShouldBe("nothing");
    }

    /// <summary>Sends the same message twice, as handlers do that follow redirects by themselves.</summary>
    private sealed class Follower(Uri next) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var first = await base.SendAsync(request, cancellationToken);
            request.RequestUri = next;
            return await base.SendAsync(request, cancellationToken);
        }
    }

    private static Task<TestApp> StartFarAsync() => TestApp.StartAsync(app =>
    {
        app.MapGet("/echo", (HttpContext context) => context.Request.Headers[TenantHeader.Name] is [var tenant] ? tenant : "nothing");
        app.MapGet("/redirect", (string to) => Results.Redirect(to));
    });

    private static ServiceProvider Clients(Action<IHttpClientBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddMultiTenancy(_ => { });
        services.AddHttpClient("other");
        configure(services.AddHttpClient("far"));
        return services.BuildServiceProvider();
    }

    private static async Task<string> SendAsync(HttpClient client, TestApp far, string path, string? tenant)
    {
        using var entered = tenant is null ? null : TenantScope.Enter(new Tenant(tenant));
        using var response = await client.GetAsync(new Uri(far.Client.BaseAddress!, path), TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)
            : $"redirected: {(int)response.StatusCode}";
    }
}
