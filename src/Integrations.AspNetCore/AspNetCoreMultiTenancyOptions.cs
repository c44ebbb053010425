using Freehold.Core.Admission;
using Freehold.Integrations.AspNetCore;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold;

/// <summary>
/// Where a request names its tenant, and whether it must. All sources that are declared are asked, in that order; two that name different
/// tenants refuse the request, none outranks another. Declaring none means <see cref="FromHeader"/>.
/// </summary>
public sealed class AspNetCoreMultiTenancyOptions
{
    private readonly List<TenantSource> _sources = [];

    /// <summary>
    /// Whether an endpoint without <c>RequireTenant</c> or <c>AllowNoTenant</c> needs a tenant; true by default. Requests that match no
    /// endpoint (static files, 404) never need one, and run without any where none is named.
    /// </summary>
    public bool RequireTenantByDefault { get; set; } = true;

    /// <summary>
    /// The claims that say which tenants an authenticated user belongs to: <c>tenant-id</c> and <c>tenant_id</c> by default, and those of
    /// <see cref="FromClaim"/>. A user who has one is refused in any other tenant, also when authenticated after the tenant was found.
    /// Clear it to allow that.
    /// </summary>
    public ISet<string> VerifiedClaims { get; } = new HashSet<string>(StringComparer.Ordinal) { TenantHeader.Name, "tenant_id" };

    /// <summary>
    /// How far the time in a signed request (<see cref="TenantSigningExtensions.SignTenants"/>) may be from the clock here, before or after;
    /// five minutes by default. For so long whoever has read a signed request can send its headers again, to the same host with the same method.
    /// </summary>
    /// <exception cref="MultiTenancyConfigurationException">It is not positive.</exception>
    public TimeSpan MaxSignatureAge
    {
        get;
        set => field = value > TimeSpan.Zero
            ? value
            : throw new MultiTenancyConfigurationException(
                $"AspNetCoreMultiTenancyOptions.MaxSignatureAge is {value}. Give the time that a request may take, and clocks may differ: minutes.");
    } = TimeSpan.FromMinutes(5);

    internal IReadOnlyList<TenantSource> Sources => _sources.Count > 0 ? _sources : [TenantSource.Header(TenantHeader.Name, mustBeSigned: true)];

    internal PathTemplate? PathBase { get; private set; }

    internal ISet<string> RouteParameters { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    internal bool ReadsClaims { get; private set; }

    /// <summary>A request header. Given twice, or as a list with commas, it is refused.</summary>
    /// <param name="name">The header.</param>
    /// <param name="mustBeSigned">
    /// Where tenants are signed (<see cref="TenantSigningExtensions.SignTenants"/>), whether this header has to be; true by default. False is for
    /// a header that clients without the key send, such as browsers: then nothing but the claims of their users says that it is theirs.
    /// </param>
    public AspNetCoreMultiTenancyOptions FromHeader(string name = TenantHeader.Name, bool mustBeSigned = true) =>
        Add(TenantSource.Header(Named(name), mustBeSigned));

    /// <summary>A parameter of the query string. Given twice it is refused.</summary>
    public AspNetCoreMultiTenancyOptions FromQuery(string name) => Add(TenantSource.Query(Named(name)));

    /// <summary>A route parameter. <c>UseMultiTenancy</c> must stand after <c>UseRouting</c>; start-up says so where it does not.</summary>
    public AspNetCoreMultiTenancyOptions FromRoute(string parameter)
    {
        RouteParameters.Add(Named(parameter));
        return Add(TenantSource.Route(parameter));
    }

    /// <summary>
    /// The request's host, by a template with one <c>{tenant}</c> inside one label, such as <c>{tenant}.example.com</c>. Compared without
    /// case and port; the id is the lower-case text. Only <c>Request.Host</c> counts: <c>X-Forwarded-Host</c> means nothing until
    /// ASP.NET Core's forwarded headers middleware accepted it. Addresses name nobody.
    /// </summary>
    /// <param name="template">What the hosts of tenants look like.</param>
    /// <param name="notTenants">Values in the place of <c>{tenant}</c> that name nobody, such as <c>www</c>. Any other must be a tenant.</param>
    /// <exception cref="MultiTenancyConfigurationException">The template does not have exactly one <c>{tenant}</c>.</exception>
    public AspNetCoreMultiTenancyOptions FromHost(string template, params string[] notTenants) =>
        Add(TenantSource.Host(new HostTemplate(Named(template), notTenants)));

    /// <summary>
    /// The beginning of the path, by a template whose last segment is <c>{tenant}</c>. While the request runs, what matched is part of
    /// <c>PathBase</c>, so that routes and generated links are the tenant's. <c>UseMultiTenancy</c> must stand before <c>UseRouting</c>.
    /// </summary>
    /// <param name="template"><c>/{tenant}</c> by default: the first segment of every path. With <c>/t/{tenant}</c> other paths name nobody.</param>
    /// <param name="notTenants">Segments in the place of <c>{tenant}</c> that name nobody, such as <c>health</c>. Any other must be a tenant.</param>
    /// <exception cref="MultiTenancyConfigurationException">The template does not end with <c>/{tenant}</c>, or there is one already.</exception>
    public AspNetCoreMultiTenancyOptions FromPathBase(string template = "/{tenant}", params string[] notTenants)
    {
        PathBase = PathBase is null
            ? new PathTemplate(Named(template), notTenants)
            : throw new MultiTenancyConfigurationException("FromPathBase was called twice. A path has one beginning: keep one of them.");
        return Add(TenantSource.Path(PathBase));
    }

    /// <summary>
    /// A claim of the authenticated user; one with several values names nobody by itself. <c>UseMultiTenancy</c> must stand after
    /// <c>UseAuthentication</c>; start-up says so where it does not.
    /// </summary>
    public AspNetCoreMultiTenancyOptions FromClaim(string type)
    {
        VerifiedClaims.Add(Named(type));
        ReadsClaims = true;
        return Add(TenantSource.Claim(type));
    }

    /// <summary>
    /// A function of the request; null or empty says nothing. If it reads a header, add that to the response's <c>Vary</c>.
    /// </summary>
    public AspNetCoreMultiTenancyOptions From(Func<HttpContext, string?> resolve)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        return Add(new TenantSource("a delegate", context => new(resolve(context))));
    }

    /// <summary>
    /// An asynchronous function of the request; null or empty says nothing. If it reads a header, add that to the response's <c>Vary</c>.
    /// </summary>
    public AspNetCoreMultiTenancyOptions From(Func<HttpContext, ValueTask<string?>> resolve)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        return Add(new TenantSource("a delegate", resolve));
    }

    /// <summary>
    /// A resolver of your own: the request's service of that type, or where none is registered one made with the request's services.
    /// </summary>
    public AspNetCoreMultiTenancyOptions From<TResolver>() where TResolver : class, ITenantResolver => Add(new(
        typeof(TResolver).Name,
        context => ActivatorUtilities.GetServiceOrCreateInstance<TResolver>(context.RequestServices).ResolveAsync(context)));

    internal RequestTrust Trust() => new(Sources.Any(source => source.Vary.Contains(TenantHeader.Name, StringComparer.OrdinalIgnoreCase)), [.. VerifiedClaims]);

    private static string Named(string text) => string.IsNullOrWhiteSpace(text)
        ? throw new MultiTenancyConfigurationException("A source of tenants has no name. Give the header, parameter, claim or template it reads.")
        : text;

    private AspNetCoreMultiTenancyOptions Add(TenantSource source)
    {
        _sources.Add(source);
        return this;
    }
}
