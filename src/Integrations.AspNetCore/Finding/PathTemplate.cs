using Microsoft.AspNetCore.Http;

namespace Freehold.Integrations.AspNetCore;

/// <summary>What the paths of tenants begin with: a literal prefix, perhaps empty, and the id as the segment after it.</summary>
internal sealed class PathTemplate
{
    private readonly string _template;
    private readonly PathString _prefix;
    private readonly HashSet<string> _notTenants;

    public PathTemplate(string template, IEnumerable<string> notTenants)
    {
        const string end = "/" + HostTemplate.Token;
        var prefix = template.EndsWith(end, StringComparison.Ordinal) ? template[..^end.Length] : null;
        if (prefix is null || prefix.AsSpan().ContainsAny("{}*") || (prefix.Length > 0 && prefix[0] != '/') || prefix.EndsWith('/'))
        {
            throw new MultiTenancyConfigurationException(
                $"The path template '{template}' needs a literal beginning, which may be empty, and {end} at its end. "
                + $"Write it like '/t{end}'.");
        }

        (_template, _prefix) = (template, new PathString(prefix));
        _notTenants = notTenants.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Splits a path into the tenant, what belongs to the path base with it, and what remains.</summary>
    public bool TryMatch(PathString path, out string tenant, out PathString matched, out PathString remaining)
    {
        (tenant, matched, remaining) = ("", default, default);
        if (!path.StartsWithSegments(_prefix, StringComparison.OrdinalIgnoreCase, out var prefix, out var rest)
            || rest.Value is not { Length: > 1 } text)
        {
            return false;
        }

        var end = text.IndexOf('/', 1);
        tenant = end < 0 ? text[1..] : text[1..end];
        matched = prefix.Add(new PathString("/" + tenant));
        remaining = end < 0 ? PathString.Empty : new PathString(text[end..]);
        return tenant.Length > 0 && !_notTenants.Contains(tenant);
    }

    public override string ToString() => _template;
}
