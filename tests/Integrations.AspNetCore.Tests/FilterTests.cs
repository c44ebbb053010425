using System.Collections.Concurrent;
using Freehold.Integrations.AspNetCore.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.AspNetCore.Tests;

public sealed class FilterTests
{
    [Theory]
    [InlineData("/seen")]
    [InlineData("/seen/throwing")]
    public async Task Every_kind_of_filter_of_MVC_sees_the_tenant_before_and_after_the_action(string path)
    {
        var seen = new ConcurrentQueue<string>();
        await using var app = await StartAsync(seen);

        (await app.GetAsync(path, "tenant-id: acme")).ShouldBeTenant("acme");

        string[] all =
        [
            "authorization", "resource before", "built", "action before", "action itself", "action after", "exception", "result before", "result after",
            "resource after",
        ];
        seen.ShouldBe([.. all.Where(place => path.EndsWith("throwing", StringComparison.Ordinal) ? !place.StartsWith("result", StringComparison.Ordinal) : place != "exception")
            .Select(place => $"{place}: acme")]);
    }

    [Theory]
    [InlineData(null, 400, TenantErrorCodes.Missing)]
    [InlineData("nobody", 404, TenantErrorCodes.Unknown)]
    [InlineData("frozen", 403, TenantErrorCodes.Suspended)]
    public async Task A_refusal_comes_before_every_filter(string? tenant, int status, string code)
    {
        var seen = new ConcurrentQueue<string>();
        await using var app = await StartAsync(seen);
        string[] headers = tenant is null ? [] : ["tenant-id: " + tenant];

        (await app.GetAsync("/seen", headers)).ShouldBeRefused(status, code);
        (await app.GetAsync("/minimal", headers)).ShouldBeRefused(status, code);

        seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_filter_of_an_endpoint_sees_the_tenant_before_and_after_it()
    {
        var seen = new ConcurrentQueue<string>();
        await using var app = await StartAsync(seen);

        (await app.GetAsync("/minimal", "tenant-id: globex")).ShouldBeTenant("globex");

        seen.ShouldBe(["group before: globex", "endpoint before: globex", "endpoint after: globex", "group after: globex"]);
    }

    private static Task<TestApp> StartAsync(ConcurrentQueue<string> seen) => TestApp.StartAsync(
        app =>
        {
            app.UseMultiTenancy();
            app.MapControllers();
            var group = app.MapGroup("").AddEndpointFilter((context, next) => AroundAsync("group", context, next));
            group.MapGet("/minimal", (ITenantContext tenants) => tenants.Required.Id.Value)
                .AddEndpointFilter((context, next) => AroundAsync("endpoint", context, next));
        },
        services: services =>
        {
            services.AddControllers().AddApplicationPart(typeof(SeenController).Assembly);
            services.AddSingleton(seen);
            services.AddScoped<SeeingFilter>();
        });

    private static async ValueTask<object?> AroundAsync(string place, EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        Note(context.HttpContext, $"{place} before");
        await Task.Yield();
        var result = await next(context);
        Note(context.HttpContext, $"{place} after");
        return result;
    }

    private static void Note(HttpContext context, string place) => context.RequestServices.GetRequiredService<ConcurrentQueue<string>>()
        .Enqueue($"{place}: {context.RequestServices.GetRequiredService<ITenantContext>().Current?.Id}");
}

/// <summary>One of each kind.</summary>
public sealed class SeeingFilter(ITenantContext tenants, ConcurrentQueue<string> seen)
    : IAsyncAuthorizationFilter, IAsyncResourceFilter, IAsyncActionFilter, IAsyncExceptionFilter, IAsyncResultFilter
{
    public Task OnAuthorizationAsync(AuthorizationFilterContext context) => NoteAsync("authorization");

    public async Task OnResourceExecutionAsync(ResourceExecutingContext context, ResourceExecutionDelegate next)
    {
        await NoteAsync("resource before");
        await next();
        await NoteAsync("resource after");
    }

    public async Task OnActionExecutionAsync(ActionExecutingContext context, ActionExecutionDelegate next)
    {
        await NoteAsync("action before");
        await next();
        await NoteAsync("action after");
    }

    public async Task OnExceptionAsync(ExceptionContext context)
    {
        await NoteAsync("exception");
        context.Result = new ObjectResult(tenants.Required.Id.Value);
    }

    public async Task OnResultExecutionAsync(ResultExecutingContext context, ResultExecutionDelegate next)
    {
        await NoteAsync("result before");
        await next();
        await NoteAsync("result after");
    }

    public async Task NoteAsync(string place)
    {
        await Task.Yield();
        seen.Enqueue($"{place}: {tenants.Current?.Id}");
    }
}

[ServiceFilter<SeeingFilter>]
public sealed class SeenController : ControllerBase
{
    private readonly SeeingFilter _log;
    private readonly ITenantContext _tenants;

    public SeenController(SeeingFilter log, ITenantContext tenants)
    {
        (_log, _tenants) = (log, tenants);
        log.NoteAsync("built").GetAwaiter().GetResult();
    }

    [HttpGet("/seen")]
    public async Task<string> Get()
    {
        await _log.NoteAsync("action itself");
        return _tenants.Required.Id.Value;
    }

    [HttpGet("/seen/throwing")]
    public async Task<string> Throw()
    {
        await _log.NoteAsync("action itself");
        throw new InvalidOperationException("The action fails.");
    }
}
