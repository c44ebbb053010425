using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Freehold.Integrations.AspNetCore;

/// <summary>One declared source: what to call it in an error, how to ask it, and what a cache has to tell apart because of it.</summary>
internal sealed record TenantSource(string Name, Func<HttpContext, ValueTask<string?>> Resolve, params string[] Vary)
{
    public static TenantSource Header(string name, bool mustBeSigned)
    {
        var source = $"the header '{name}'";
        return new(source, context =>
        {
            var tenant = Single(context.Request.Headers[name], source);
            if (mustBeSigned && !string.IsNullOrEmpty(tenant))
            {
                context.RequestServices.GetRequiredService<SignedHeader>().Verify(context.Request, tenant);
            }

            return new(tenant);
        }, name);
    }

    // The response cache of ASP.NET Core leaves the query out of its key, so nothing less than '*' keeps it from mixing tenants.
    public static TenantSource Query(string name)
    {
        var source = $"the query parameter '{name}'";
        return new(source, context => new(Single(context.Request.Query[name], source)), "*");
    }

    public static TenantSource Route(string parameter) =>
        new($"the route parameter '{parameter}'", context => new(context.GetRouteValue(parameter)?.ToString()));

    public static TenantSource Host(HostTemplate template) =>
        new($"the host ({template})", context => new(template.Match(context.Request.Host)));

    public static TenantSource Path(PathTemplate template) =>
        new($"the path ({template})", context => new(template.TryMatch(context.Request.Path, out var tenant, out _, out _) ? tenant : null));

    public static TenantSource Claim(string type) =>
        new($"the claim '{type}'", context => new(TenantClaims.Single(context.User, type)), "Authorization", "Cookie");

    // Servers and proxies differ in which of two values they take, and some join them with a comma: neither is a tenant's name.
    private static string? Single(StringValues values, string source)
    {
        if (values.Count == 0)
        {
            return null;
        }

        var parts = values.ToString().Split(',');
        return parts.Length == 1
            ? parts[0]
            : throw new TenantMismatchException(parts[0].Trim(), parts[1].Trim(), $"Refused because {source} has more than one value");
    }
}
