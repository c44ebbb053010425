using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class SetupTests
{
    [Fact]
    public void UseMultiTenancy_without_its_services_says_what_is_missing()
    {
        Should.Throw<MultiTenancyConfigurationException>(() => TestApp.Build(app => app.UseMultiTenancy(), tenancy: null))
            .Message.ShouldContain("AddAspNetCore");
        Should.Throw<MultiTenancyConfigurationException>(() => TestApp.Build(app => app.UseMultiTenancy(), tenancy => { }))
            .Message.ShouldContain("AddAspNetCore");
    }

    [Fact]
    public void Adding_it_twice_is_refused() => Should.Throw<MultiTenancyConfigurationException>(
        () => TestApp.Build(_ => { }, tenancy => tenancy.AddAspNetCore().AddAspNetCore())).Message.ShouldContain("AddAspNetCore");

    public static TheoryData<string> WrongSettings => ["host", "two in a host", "port", "path", "path twice", "empty"];

    [Theory, MemberData(nameof(WrongSettings))]
    public void A_wrong_setting_is_found_before_the_application_starts(string setting)
    {
        void Configure(AspNetCoreMultiTenancyOptions http) => _ = setting switch
        {
            "host" => http.FromHost("example.com"),
            "two in a host" => http.FromHost("{tenant}.{tenant}.com"),
            "port" => http.FromHost("{tenant}.example.com:80"),
            "path" => http.FromPathBase("/{tenant}/more"),
            "path twice" => http.FromPathBase().FromPathBase("/t/{tenant}"),
            _ => http.FromHeader(" "),
        };

        Should.Throw<MultiTenancyConfigurationException>(() => TestApp.Build(app => app.UseMultiTenancy(), tenancy => tenancy.AddAspNetCore(Configure)));
    }

    public static TheoryData<string, string> WrongOrders => new()
    {
        { "route", "tenancy routing" },
        { "claim", "tenancy authentication" },
        { "claim", "routing tenancy authentication" },
        { "path", "routing tenancy" },
        { "path", "tenancy" },
    };

    [Theory, MemberData(nameof(WrongOrders))]
    public async Task A_place_where_a_source_has_nothing_to_read_is_found_at_start_up(string source, string order)
    {
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartApplicationAsync(source, order)))
            .Message.ShouldContain("UseMultiTenancy");

        // A pipeline of its own (a Startup class) has no routing unless it is written out.
        if (order != "tenancy")
        {
            await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartPlainHostAsync(source, order));
        }
    }

    [Theory]
    [InlineData("route", "tenancy")]
    [InlineData("route", "routing tenancy")]
    [InlineData("claim", "tenancy")]
    [InlineData("claim", "authentication tenancy")]
    [InlineData("path", "tenancy routing")]
    [InlineData("header", "tenancy routing authentication")]
    public async Task A_right_place_starts(string source, string order)
    {
        await StartApplicationAsync(source, order);
        await StartPlainHostAsync(source, order);
    }

    [Fact]
    public async Task A_route_that_a_branch_finds_too_late_is_an_error_and_does_not_run_for_nobody()
    {
        var ran = false;
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseMultiTenancy();
                app.Map("/branch", branch => branch.UseRouting().UseEndpoints(
                    endpoints => endpoints.MapGet("/{tenant}", () => ran = true).AllowNoTenant()));
            },
            http => http.FromRoute("tenant"));

        (await app.GetAsync("/branch/acme")).Status.ShouldBe(500);
        ran.ShouldBeFalse();
    }

    [Fact]
    public async Task Using_it_twice_in_one_pipeline_is_using_it_once()
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseMultiTenancy().UseMultiTenancy().UseRouting();
                app.MapGet("/x", (ITenantContext tenants) => tenants.Required.Id.Value);
            },
            http => http.FromPathBase());

        (await app.GetAsync("/acme/x")).ShouldBeTenant("acme");
    }

    private static async Task StartApplicationAsync(string source, string order)
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                Arrange(app, order);
                app.MapGet("/{tenant}", () => "");
            },
            http => Declare(http, source),
            services => TestUser.Add(services, isDefault: true));
    }

    private static async Task StartPlainHostAsync(string source, string order)
    {
        using var host = new HostBuilder()
            .ConfigureWebHost(web => web.UseTestServer()
                .ConfigureServices(services =>
                {
                    services.AddRouting();
                    services.AddMultiTenancy(tenancy => tenancy.AddAspNetCore(http => Declare(http, source)));
                    TestUser.Add(services, isDefault: true);
                })
                .Configure(app => Arrange(app, order)))
            .Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
    }

    private static void Arrange(IApplicationBuilder app, string order)
    {
        foreach (var part in order.Split(' '))
        {
            _ = part switch
            {
                "routing" => app.UseRouting(),
                "authentication" => app.UseAuthentication(),
                _ => app.UseMultiTenancy(),
            };
        }
    }

    private static void Declare(AspNetCoreMultiTenancyOptions http, string source) => _ = source switch
    {
        "route" => http.FromRoute("tenant"),
        "claim" => http.FromClaim("tenant_id"),
        "path" => http.FromPathBase(),
        _ => http.FromHeader(),
    };
}
