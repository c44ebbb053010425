using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Freehold.Integrations.AspNetCore;

/// <summary>
/// What a tenant's header is signed with: the request's method, its host as the receiver sees it, and the second. Both ends are here, so
/// that they cannot drift apart.
/// </summary>
internal static class HeaderSignature
{
    /// <summary>When it was signed, in seconds since 1970 (UTC).</summary>
    public const string SignedAt = "tenant-signed-at";

    /// <summary>Signs what is sent now. What an earlier attempt, or the request that is passed on, had of it is replaced.</summary>
    public static void Sign(this TenantSigner signer, HttpRequestMessage request, string tenant, DateTimeOffset now)
    {
        Remove(request);
        var signedAt = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add(SignedAt, signedAt);
        request.Headers.Add(TenantHeader.Signature, signer.Sign(
            TenantCarrier.HttpRequest, tenant, Method(request.Method.Method), Host(request.Headers.Host ?? Authority(request.RequestUri!)), signedAt));
    }

    public static void Remove(HttpRequestMessage request)
    {
        request.Headers.Remove(TenantHeader.Signature);
        request.Headers.Remove(SignedAt);
    }

    /// <exception cref="TenantUnknownException">The tenant is not believed; the message says why.</exception>
    public static void Verify(this TenantSigner signer, HttpRequest request, string tenant, DateTimeOffset now, TimeSpan maxAge)
    {
        var signature = Single(request.Headers[TenantHeader.Signature], tenant, TenantHeader.Signature);
        var signedAt = Single(request.Headers[SignedAt], tenant, SignedAt);
        signer.Verify(TenantCarrier.HttpRequest, tenant, signature, Method(request.Method), Host(request.Headers.Host.ToString()), signedAt);
        if (!string.IsNullOrEmpty(signature) && !IsFresh(signedAt, now, maxAge))
        {
            throw TenantUnknownException.NotBelieved(
                tenant,
                $"it was signed at {signedAt} (seconds since 1970), and the clock here says {now.ToUnixTimeSeconds()}: {maxAge} is the most that "
                + "may lie between. Sign every attempt anew, compare the clocks, or set AspNetCoreMultiTenancyOptions.MaxSignatureAge");
        }
    }

    // Both ways, so that a sender whose clock is ahead is as welcome as one whose request took a while.
    private static bool IsFresh(string? signedAt, DateTimeOffset now, TimeSpan maxAge) =>
        long.TryParse(signedAt, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(now.ToUnixTimeSeconds() - seconds) <= maxAge.TotalSeconds;

    private static string? Single(StringValues values, string tenant, string header) => values.Count > 1
        ? throw TenantUnknownException.NotBelieved(tenant, $"it came with {header} more than once")
        : values;

    // As HttpClient writes it into Host and :authority.
    private static string Authority(Uri uri)
    {
        var host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
        return uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
    }

    private static string Method(string method) => method.ToUpperInvariant();

    // Case means nothing in a host, and default ports come and go where TLS ends at a proxy; any other port is another service.
    private static string Host(string authority)
    {
        var host = authority.ToUpperInvariant();
        return host.EndsWith(":80", StringComparison.Ordinal) || host.EndsWith(":443", StringComparison.Ordinal)
            ? host[..host.LastIndexOf(':')]
            : host;
    }
}
