using System.Net;
using Microsoft.AspNetCore.Http;

namespace Freehold.Integrations.AspNetCore;

/// <summary>What the hosts of tenants look like: a text before and after the id, which is one label or part of one.</summary>
internal sealed class HostTemplate
{
    public const string Token = "{tenant}";

    private readonly string _template;
    private readonly string _before;
    private readonly string _after;
    private readonly HashSet<string> _notTenants;

    public HostTemplate(string template, IEnumerable<string> notTenants)
    {
        var parts = template.Split(Token);
        if (parts.Length != 2 || template.AsSpan().ContainsAny(":/*"))
        {
            throw new MultiTenancyConfigurationException(
                $"The host template '{template}' needs exactly one {Token}, and no port, path or wildcard. "
                + $"Write it like '{Token}.example.com'.");
        }

        (_template, _before, _after) = (template, parts[0], parts[1]);
        _notTenants = notTenants.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    public string? Match(HostString host)
    {
        var name = host.Host;
        if (name.EndsWith('.'))
        {
            name = name[..^1];
        }

        if (name.Length <= _before.Length + _after.Length
            || !name.StartsWith(_before, StringComparison.OrdinalIgnoreCase)
            || !name.EndsWith(_after, StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(name, out _))
        {
            return null;
        }

        var tenant = name[_before.Length..^_after.Length];
        return tenant.Contains('.') || _notTenants.Contains(tenant) ? null : Lowered(tenant);
    }

    public override string ToString() => _template;

#pragma warning disable CA1308 // Hosts are written in lower case (RFC 4343), and so are the ids that they name.
    private static string Lowered(string label) => label.ToLowerInvariant();
#pragma warning restore CA1308
}
