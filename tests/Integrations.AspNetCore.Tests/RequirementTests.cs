using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class RequirementTests
{
    private const string Free = "none";

    [Theory]
    [InlineData(true, "before routing"), InlineData(true, "after routing"), InlineData(false, "before routing"), InlineData(false, "after routing")]
    public async Task What_is_said_closest_to_the_endpoint_counts(bool requiredByDefault, string place)
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                _ = place == "before routing" ? app.UseMultiTenancy().UseRouting() : app.UseRouting().UseMultiTenancy();
                app.MapGet("/default", Who);
                app.MapGet("/required", Who).RequireTenant();
                app.MapGet("/free", Who).AllowNoTenant();
                app.MapGet("/attribute", [AllowNoTenant] (ITenantContext tenants) => Who(tenants));
                var free = app.MapGroup("/free-group").AllowNoTenant();
                free.MapGet("/", Who);
                free.MapGet("/required", Who).RequireTenant();
                var required = app.MapGroup("/required-group").RequireTenant();
                required.MapGet("/", Who);
                required.MapGet("/free", Who).AllowNoTenant();
                required.MapGet("/attribute", [AllowNoTenant] (ITenantContext tenants) => Who(tenants));
            },
            http => http.RequireTenantByDefault = requiredByDefault);

        string[] needing = ["/required", "/free-group/required", "/required-group", .. requiredByDefault ? ["/default"] : Array.Empty<string>()];
        string[] free = ["/free", "/attribute", "/free-group", "/required-group/free", "/required-group/attribute", .. requiredByDefault ? [] : new[] { "/default" }];
        await ShouldNeedTenantAsync(app, needing, free);
    }

    [Theory]
    [InlineData("bare"), InlineData("required"), InlineData("free")]
    public async Task Controllers_and_actions_say_for_themselves_whatever_MapControllers_says(string mapped)
    {
        await using var app = await TestApp.StartAsync(
            app =>
            {
                app.UseMultiTenancy();
                var controllers = app.MapControllers();
                _ = mapped switch
                {
                    "required" => controllers.RequireTenant(),
                    "free" => controllers.AllowNoTenant(),
                    _ => controllers,
                };
            },
            services: services => services.AddControllers());

        string[] needing = ["/free-controller/required", "/required-controller", "/derived-required", "/both", .. mapped == "free" ? [] : new[] { "/bare-controller" }];
        string[] free = ["/free-controller", "/required-controller/free", "/derived-free", .. mapped == "free" ? ["/bare-controller"] : Array.Empty<string>()];
        await ShouldNeedTenantAsync(app, needing, free);
    }

    [Theory]
    [InlineData("nobody", 404, TenantErrorCodes.Unknown)]
    [InlineData("frozen", 403, TenantErrorCodes.Suspended)]
    [InlineData("soon", 503, TenantErrorCodes.Unavailable)]
    public async Task A_named_tenant_that_may_not_come_in_is_refused_where_none_is_needed(string tenant, int status, string code)
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.UseMultiTenancy();
            app.MapGet("/free", Who).AllowNoTenant();
        });

        (await app.GetAsync("/free", "tenant-id: " + tenant)).ShouldBeRefused(status, code);
        (await app.GetAsync("/no-endpoint", "tenant-id: " + tenant)).ShouldBeRefused(status, code);
    }

    [Fact]
    public async Task What_is_no_endpoint_runs_without_a_tenant_and_with_the_one_that_is_named()
    {
        await using var app = await TestApp.StartAsync(app =>
        {
            app.UseMultiTenancy();
            app.Map("/branch", branch => branch.Run(context => context.Response.WriteAsync(
                Who(context.RequestServices.GetRequiredService<ITenantContext>()))));
            app.MapGet("/other", Who);
        });

        (await app.GetAsync("/nowhere")).Status.ShouldBe(404);
        (await app.GetAsync("/branch")).ShouldBeTenant(Free);
        (await app.GetAsync("/branch", "tenant-id: acme")).ShouldBeTenant("acme");
    }

    [Fact]
    public async Task Who_names_no_tenant_runs_for_none_whatever_is_ambient_around_the_pipeline_and_finds_that_after_it()
    {
        var after = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await TestApp.StartAsync(app =>
        {
            app.Use(async (context, next) =>
            {
                using var ambient = TenantScope.Enter(new Tenant("globex"));
                await next(context);
                after.TrySetResult(Who(context.RequestServices.GetRequiredService<ITenantContext>()));
            });
            app.UseMultiTenancy();
            app.MapGet("/free", Who).AllowNoTenant();
        });

        (await app.GetAsync("/free")).ShouldBeTenant(Free);
        (await after.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).ShouldBe("globex");
        (await app.GetAsync("/free", "tenant-id: acme")).ShouldBeTenant("acme");
    }

    private static async Task ShouldNeedTenantAsync(TestApp app, string[] needing, string[] free)
    {
        foreach (var path in needing)
        {
            (await app.GetAsync(path)).Code.ShouldBe(TenantErrorCodes.Missing, path);
            (await app.GetAsync(path, "tenant-id: acme")).ShouldBeTenant("acme");
        }

        foreach (var path in free)
        {
            (await app.GetAsync(path)).Body.ShouldBe(Free, path);
            (await app.GetAsync(path, "tenant-id: acme")).ShouldBeTenant("acme");
        }
    }

    private static string Who(ITenantContext tenants) => tenants.Current?.Id.Value ?? Free;
}

public abstract class WhoController(ITenantContext tenants) : ControllerBase
{
    protected string Who() => tenants.Current?.Id.Value ?? "none";
}

[Route("/bare-controller")]
public sealed class BareController(ITenantContext tenants) : WhoController(tenants)
{
    [HttpGet]
    public string Get() => Who();
}

[AllowNoTenant, Route("/free-controller")]
public class FreeController(ITenantContext tenants) : WhoController(tenants)
{
    [HttpGet]
    public string Get() => Who();

    [HttpGet("required"), RequireTenant]
    public string GetRequired() => Who();
}

[RequireTenant, Route("/required-controller")]
public class RequiredController(ITenantContext tenants) : WhoController(tenants)
{
    [HttpGet]
    public string Get() => Who();

    [HttpGet("free"), AllowNoTenant]
    public string GetFree() => Who();
}

[AllowNoTenant]
public abstract class FreeBase(ITenantContext tenants) : WhoController(tenants);

[RequireTenant]
public abstract class RequiredBase(ITenantContext tenants) : WhoController(tenants);

[RequireTenant, Route("/derived-required")]
public sealed class DerivedRequiredController(ITenantContext tenants) : FreeBase(tenants)
{
    [HttpGet]
    public string Get() => Who();
}

[AllowNoTenant, Route("/derived-free")]
public sealed class DerivedFreeController(ITenantContext tenants) : RequiredBase(tenants)
{
    [HttpGet]
    public string Get() => Who();
}

[AllowNoTenant, RequireTenant, Route("/both")]
public sealed class BothController(ITenantContext tenants) : WhoController(tenants)
{
    [HttpGet]
    public string Get() => Who();
}
