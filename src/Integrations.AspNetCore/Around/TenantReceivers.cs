namespace Freehold.Integrations.AspNetCore;

/// <summary>The hosts that a client tells the tenant: all, or those that are named.</summary>
internal sealed class TenantReceivers
{
    private const string AnyBelow = "*.";

    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _endings = [];

    public TenantReceivers(IEnumerable<string> hosts)
    {
        foreach (var host in hosts)
        {
            if (host?.StartsWith(AnyBelow, StringComparison.Ordinal) == true)
            {
                _endings.Add("." + Parsed(host[AnyBelow.Length..], host));
            }
            else
            {
                _hosts.Add(Parsed(host, host));
            }
        }
    }

    public bool Include(Uri? uri) =>
        (_hosts.Count == 0 && _endings.Count == 0)
        || (uri is { IsAbsoluteUri: true, IdnHost: var host } && (_hosts.Contains(host)
            || _endings.Exists(ending => host.Length > ending.Length && host.EndsWith(ending, StringComparison.OrdinalIgnoreCase))));

    // What it is once parsed is what a request's own uri says: punycode, addresses in their short form.
    private static string Parsed(string? host, string? given) => Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic
        ? throw new MultiTenancyConfigurationException(
            $"AddTenantHeader was given the host '{given}'. Give names without scheme, port and path: 'billing.internal', or '*.example.com'.")
        : new UriBuilder(Uri.UriSchemeHttp, host).Uri.IdnHost;
}
