using System.Security.Claims;

namespace Freehold.Integrations.AspNetCore;

/// <summary>Reads which tenants a user belongs to. Only identities that were authenticated count.</summary>
internal static class TenantClaims
{
    public static string? Single(ClaimsPrincipal? user, string type) =>
        Of(user, claim => claim == type) is { Count: 1 } values ? values.First() : null;

    /// <summary>Refuses a user who says to belong to tenants, but not to this one.</summary>
    public static void Verify(ClaimsPrincipal? user, string tenant, ISet<string> types)
    {
        var values = Of(user, types.Contains);
        if (values.Count > 0 && !values.Contains(tenant))
        {
            throw new TenantMismatchException(values.First(), tenant, "Refused because of the tenant claim of the authenticated user");
        }
    }

    private static HashSet<string> Of(ClaimsPrincipal? user, Func<string, bool> isTenantClaim)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var identity in user?.Identities ?? [])
        {
            if (identity.IsAuthenticated)
            {
                values.UnionWith(identity.Claims.Where(claim => isTenantClaim(claim.Type)).Select(claim => claim.Value));
            }
        }

        return values;
    }
}
