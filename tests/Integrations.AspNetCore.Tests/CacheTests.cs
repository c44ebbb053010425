using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class CacheTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_output_cache_hands_no_tenant_the_response_of_another(bool cacheLast)
    {
        var runs = 0;
        await using var app = await TestApp.StartAsync(
            app =>
            {
                _ = cacheLast ? app.UseMultiTenancy().UseOutputCache() : app.UseOutputCache().UseMultiTenancy();
                app.MapGet("/", (ITenantContext tenants) => $"{tenants.Current?.Id}{Interlocked.Increment(ref runs)}").CacheOutput().AllowNoTenant();
            },
            services: services => services.AddOutputCache());

        (await app.GetAsync("/", "tenant-id: acme")).Body.ShouldBe("acme1");
        (await app.GetAsync("/", "tenant-id: globex")).Body.ShouldBe("globex2");
        (await app.GetAsync("/")).Body.ShouldBe("3");
        (await app.GetAsync("/", "tenant-id: acme")).Body.ShouldBe(cacheLast ? "acme1" : "acme4");
        (await app.GetAsync("/", "tenant-id: frozen")).ShouldBeRefused(403, TenantErrorCodes.Suspended);
    }

    [Theory]
    [InlineData("/minimal", true)]
    [InlineData("/cached", true)]
    [InlineData("/minimal", false)]
    [InlineData("/varying", true)]
    [InlineData("/cached", false)]
    [InlineData("/varying", false)]
    public async Task The_response_cache_hands_no_tenant_the_response_of_another(string path, bool byHeader)
    {
        var runs = 0;
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseResponseCaching();
                app.UseMultiTenancy();
                app.MapControllers();
                app.MapGet("/minimal", (HttpContext context, ITenantContext tenants) =>
                {
                    context.Response.Headers.CacheControl = "public,max-age=600";
                    return $"{tenants.Required.Id}{Interlocked.Increment(ref runs)}";
                });
                app.MapGet("/varying", (HttpContext context, ITenantContext tenants) =>
                {
                    context.Response.Headers.CacheControl = "public,max-age=600";
                    context.Response.Headers.Vary = "Accept";
                    return $"{tenants.Required.Id}{Interlocked.Increment(ref runs)}";
                });
            },
            http => _ = byHeader ? http.FromHeader() : http.FromQuery("tenant"),
            services =>
            {
                services.AddResponseCaching();
                services.AddControllers();
            });

        Task<Answer> Get(string tenant) => byHeader ? app.GetAsync(path, "tenant-id: " + tenant) : app.GetAsync($"{path}?tenant={tenant}");

        var first = await Get("acme");
        (await Get("globex")).Body.ShouldStartWith("globex");
        if (byHeader)
        {
            (await Get("acme")).Body.ShouldBe(first.Body, "it is cached at all");
            string.Join(',', first.Headers["vary"]).ShouldContain("tenant-id", Case.Insensitive);
        }
    }
    [Fact]
    public async Task What_an_endpoint_says_itself_in_Vary_stands_beside_the_tenants_header()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.UseMultiTenancy();
            app.MapGet("/", (HttpContext context) => context.Response.Headers.Vary = "x-tenant-id, Accept").AllowNoTenant();
        });

        var vary = string.Join(',', (await app.GetAsync("/", "tenant-id: acme")).Headers["vary"]).Split(',', StringSplitOptions.TrimEntries);

        vary.ShouldBe(["x-tenant-id", "Accept", "tenant-id"]);
    }
}

public sealed class CachedController(ITenantContext tenants) : ControllerBase
{
    private static int _runs;

    [HttpGet("/cached"), ResponseCache(Duration = 600, VaryByHeader = "accept-language")]
    public string Get() => $"{tenants.Required.Id}{Interlocked.Increment(ref _runs)}";
}
