using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.AspNetCore;

/// <summary>Finds the tenant of a request, enters it for everything that comes after, and answers for the tenant errors of it.</summary>
internal sealed class TenantMiddleware(
    RequestDelegate next,
    TenantFinder finder,
    TenantRules rules,
    VaryHeader vary,
    IOptions<AspNetCoreMultiTenancyOptions> options,
    ILogger<TenantMiddleware> logger)
{
    private readonly PathTemplate? _pathBase = options.Value.PathBase;

    public async Task InvokeAsync(HttpContext context)
    {
        if (TenantGuard.IsOn(context))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        vary.AddTo(context.Response);
        Tenant? tenant;
        TenantGuard guard;
        try
        {
            tenant = await finder.FindAsync(context).ConfigureAwait(false);
            guard = TenantGuard.Set(context, tenant, rules);
        }
        catch (TenantException refusal)
        {
            await TenantProblem.WriteAsync(context, refusal, logger).ConfigureAwait(false);
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }

        // Entered here and not in a helper: this method's flow is the one that the rest of the pipeline runs in.
        using var entered = tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(tenant);
        Activity.Current?.SetTag(TenantTelemetry.TenantId, tenant?.Id.Value);
        await ContinueAsync(context, tenant, guard).ConfigureAwait(false);
    }

    private async Task ContinueAsync(HttpContext context, Tenant? tenant, TenantGuard guard)
    {
        var request = context.Request;
        var (pathBase, path) = (request.PathBase, request.Path);
        if (tenant is not null && _pathBase?.TryMatch(path, out _, out var matched, out var remaining) == true)
        {
            (request.PathBase, request.Path) = (pathBase.Add(matched), remaining);
        }

        var body = vary.Watch(context.Response);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (TenantException refusal) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            await TenantProblem.WriteAsync(context, refusal, logger).ConfigureAwait(false);
        }
        finally
        {
            guard.Leave();
            vary.Leave(context.Response, body);
            (request.PathBase, request.Path) = (pathBase, path);
        }
    }
}
