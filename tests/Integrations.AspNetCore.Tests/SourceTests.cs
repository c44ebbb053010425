using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class SourceTests
{
    [Fact]
    public async Task Without_a_declared_source_the_header_tenant_id_names_the_tenant()
    {
        await using var app = await StartAsync();

        (await app.GetAsync("/", "Tenant-ID: acme")).ShouldBeTenant("acme");
        (await app.GetAsync("/")).ShouldBeRefused(400, TenantErrorCodes.Missing);
        (await app.GetAsync("/", "tenant-id:")).ShouldBeRefused(400, TenantErrorCodes.Missing);
    }

    [Fact]
    public async Task A_declared_source_replaces_the_default()
    {
        await using var app = await StartAsync(http => http.FromHeader("x-tenant"));

        (await app.GetAsync("/", "x-tenant: acme")).ShouldBeTenant("acme");
        (await app.GetAsync("/", "tenant-id: acme")).ShouldBeRefused(400, TenantErrorCodes.Missing);
    }

    [Theory]
    [InlineData("tenant-id: acme", "tenant-id: globex")]
    [InlineData("tenant-id: acme", "tenant-id: acme")]
    [InlineData("tenant-id: acme, globex")]
    [InlineData("tenant-id: acme,acme")]
    [InlineData("tenant-id: ,acme")]
    public async Task A_repeated_header_is_refused(params string[] headers)
    {
        await using var app = await StartAsync();

        (await app.GetAsync("/", headers)).ShouldBeRefused(403, TenantErrorCodes.Mismatch);
    }

    [Theory]
    [InlineData("acme.example.com", "acme")]
    [InlineData("ACME.Example.COM", "acme")]
    [InlineData("acme.example.com:8080", "acme")]
    [InlineData("acme.example.com.", "acme")]
    [InlineData("example.com", null)]
    [InlineData("a.acme.example.com", null)]
    [InlineData("acme.example.com.evil.org", null)]
    [InlineData("acme.example.org", null)]
    [InlineData("www.example.com", null)]
    public async Task A_host_names_the_tenant_by_its_template(string host, string? tenant)
    {
        await using var app = await StartAsync(http => http.FromHost("{tenant}.example.com", "www"));

        var answer = await app.GetAsync("/", "host: " + host, "x-forwarded-host: globex.example.com");

        if (tenant is null)
        {
            answer.ShouldBeRefused(400, TenantErrorCodes.Missing);
        }
        else
        {
            answer.ShouldBeTenant(tenant);
        }
    }

    [Fact]
    public async Task A_subdomain_that_is_no_tenant_is_refused_like_any_unknown_one()
    {
        await using var app = await StartAsync(http => http.FromHost("{tenant}.example.com"));

        (await app.GetAsync("/free", "host: www.example.com")).ShouldBeRefused(404, TenantErrorCodes.Unknown);
    }

    [Fact]
    public async Task An_address_is_no_tenants_host()
    {
        await using var app = await StartAsync(http => http.FromHost("{tenant}.0.0.1"));

        (await app.GetAsync("/")).ShouldBeRefused(400, TenantErrorCodes.Missing);
    }

    [Fact]
    public async Task A_route_parameter_names_the_tenant()
    {
        await using var app = await StartAsync(http => http.FromRoute("tenant"));

        (await app.GetAsync("/of/acme/x")).ShouldBeTenant("acme");
        (await app.GetAsync("/")).ShouldBeRefused(400, TenantErrorCodes.Missing);
    }

    [Fact]
    public async Task A_query_parameter_names_the_tenant_unless_it_is_repeated()
    {
        await using var app = await StartAsync(http => http.FromQuery("tenant"));

        (await app.GetAsync("/?tenant=acme")).ShouldBeTenant("acme");
        (await app.GetAsync("/?tenant=acme&tenant=globex")).ShouldBeRefused(403, TenantErrorCodes.Mismatch);
        (await app.GetAsync("/?tenant=no%20id")).ShouldBeRefused(404, TenantErrorCodes.Unknown);
    }

    [Fact]
    public async Task Delegates_and_resolvers_of_ones_own_name_the_tenant()
    {
        await using var app = await StartAsync(http => http
            .From(context => context.Request.Headers["first"])
            .From(async context =>
            {
                await Task.Yield();
                return context.Request.Headers["second"];
            })
            .From<ThirdHeader>());

        (await app.GetAsync("/", "first: acme")).ShouldBeTenant("acme");
        (await app.GetAsync("/", "second: acme")).ShouldBeTenant("acme");
        (await app.GetAsync("/", "third: acme")).ShouldBeTenant("acme");
        (await app.GetAsync("/", "first: acme", "third: acme")).ShouldBeTenant("acme");
        (await app.GetAsync("/", "first: acme", "third: globex")).ShouldBeRefused(403, TenantErrorCodes.Mismatch);
    }

    [Theory]
    [InlineData("/of/acme/x", "tenant-id: globex")]
    [InlineData("/of/globex/x", "tenant-id: acme")]
    [InlineData("/of/acme/x", "tenant-id: nobody")]
    [InlineData("/of/acme/x", "tenant-id: ACME")]
    public async Task Two_sources_that_disagree_are_refused_and_neither_is_preferred(string path, string header)
    {
        await using var app = await StartAsync(http => http.FromHeader().FromRoute("tenant"));

        (await app.GetAsync(path, header)).ShouldBeRefused(403, TenantErrorCodes.Mismatch);
        (await app.GetAsync("/of/acme/x", "tenant-id: acme")).ShouldBeTenant("acme");
    }

    [Fact]
    public async Task A_path_base_is_moved_for_the_request_and_put_back_after_it()
    {
        var after = new List<string>();
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.Use(async (context, next) =>
                {
                    await next();
                    after.Add($"{context.Request.PathBase}|{context.Request.Path}");
                });
                app.UseMultiTenancy();
                app.UseRouting();
                app.MapGet("/orders/{id}", (HttpContext context, ITenantContext tenants) =>
                    $"{tenants.Current?.Id} {context.Request.PathBase} {context.Request.Path}").WithName("order");
                app.MapGet("/fails", string () => throw new TenantUnavailableException("acme", "it is moved."));
                app.MapGet("/health", () => "well").AllowNoTenant();
            },
            http => http.FromPathBase("/{tenant}", "health"));

        (await app.GetAsync("/acme/orders/7")).Body.ShouldBe("acme /acme /orders/7");
        (await app.GetAsync("/acme/fails")).ShouldBeRefused(503, TenantErrorCodes.Unavailable);
        (await app.GetAsync("/health")).Body.ShouldBe("well");
        (await app.GetAsync("/orders/7")).ShouldBeRefused(404, TenantErrorCodes.Unknown);
        after.ShouldBe(["|/acme/orders/7", "|/acme/fails", "|/health", "|/orders/7"]);
    }

    [Fact]
    public async Task A_path_base_with_a_prefix_leaves_other_paths_alone()
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseMultiTenancy();
                app.UseRouting();
                app.MapGet("/orders", (HttpContext context, ITenantContext tenants) => $"{tenants.Current?.Id} {context.Request.PathBase}").AllowNoTenant();
                app.MapGet("/strict", (ITenantContext tenants) => tenants.Required.Id.Value);
            },
            http => http.FromPathBase("/t/{tenant}"));

        (await app.GetAsync("/T/acme/orders")).Body.ShouldBe("acme /T/acme");
        (await app.GetAsync("/orders")).Body.ShouldBe(" ");
        (await app.GetAsync("/strict")).ShouldBeRefused(400, TenantErrorCodes.Missing);
        (await app.GetAsync("/t/")).Status.ShouldBe(404);
    }

    private static Task<TestApp> StartAsync(Action<AspNetCoreMultiTenancyOptions>? sources = null) => TestApp.StartAsync(
        app =>
        {
            app.UseMultiTenancy();
            app.MapGet("/", (ITenantContext tenants) => tenants.Required.Id.Value);
            app.MapGet("/of/{tenant}/x", (ITenantContext tenants) => tenants.Required.Id.Value);
            app.MapGet("/free", () => "free").AllowNoTenant();
        },
        sources);

    private sealed class ThirdHeader : ITenantResolver
    {
        public ValueTask<string?> ResolveAsync(HttpContext context) => new(context.Request.Headers["third"].ToString());
    }
}
