using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.AspNetCore;

/// <summary>
/// Finds at start-up a UseMultiTenancy that stands where a declared source has nothing to read. A WebApplication adds routing and
/// authentication around what the user wrote, so it is asked just before; any other pipeline when it is built.
/// </summary>
internal sealed class PipelineOrder(IOptions<AspNetCoreMultiTenancyOptions> options) : IStartupFilter
{
    public const string RouteTooLate =
        "FromRoute reads what UseRouting found, but UseMultiTenancy stands before UseRouting. "
        + "Call app.UseRouting() before app.UseMultiTenancy().";

    private const string PathTooLate =
        "FromPathBase changes the path that UseRouting matches, but UseMultiTenancy stands after it. Call app.UseMultiTenancy() before "
        + "app.UseRouting() (a WebApplication without app.UseRouting() routes first of all).";

    private const string ClaimTooLate =
        "FromClaim reads what UseAuthentication found, but UseMultiTenancy stands before UseAuthentication. Call app.UseAuthentication() "
        + "before app.UseMultiTenancy().";

    // The marks that UseRouting and UseAuthentication leave on the pipeline they are put into.
    private const string RoutingMark = "__EndpointRouteBuilder";
    private const string AuthenticationMark = "__AuthenticationMiddlewareSet";

    private readonly List<Action> _checks = [];
    private readonly AspNetCoreMultiTenancyOptions _options = options.Value;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        _checks.ForEach(check => check());
        next(app);
    };

    /// <summary>Puts the middleware in, and remembers what stood before it.</summary>
    public void Place(IApplicationBuilder app)
    {
        var (routed, authenticated) = (app.Properties.ContainsKey(RoutingMark), app.Properties.ContainsKey(AuthenticationMark));
        void Check() => Demand(app, routed, authenticated);
        if (app is WebApplication)
        {
            _checks.Add(Check);
        }
        else
        {
            app.Use(next =>
            {
                Check();
                return next;
            });
        }

        app.UseMiddleware<TenantMiddleware>();
    }

    private void Demand(IApplicationBuilder app, bool routed, bool authenticated)
    {
        var routesLater = !routed && app.Properties.ContainsKey(RoutingMark);
        var routesFirst = routed || (!routesLater && app is WebApplication && app is IEndpointRouteBuilder { DataSources.Count: > 0 });
        var authenticatesLater = !authenticated && app.Properties.ContainsKey(AuthenticationMark);
        var defect = _options switch
        {
            { RouteParameters.Count: > 0 } when routesLater => RouteTooLate,
            { PathBase: not null } when routesFirst => PathTooLate,
            { ReadsClaims: true } when authenticatesLater => ClaimTooLate,
            _ => null,
        };
        if (defect is not null)
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }
}
