namespace Freehold;

/// <summary>The stable codes of tenant errors, the same at every boundary.</summary>
public static class TenantErrorCodes
{
    /// <summary>The boundary expects a tenant and got none.</summary>
    public const string Missing = "TENANT_MISSING";

    /// <summary>No such tenant: never there, malformed, deleted, or a spare that is nobody's yet.</summary>
    public const string Unknown = "TENANT_UNKNOWN";

    /// <summary>The tenant is suspended.</summary>
    public const string Suspended = "TENANT_SUSPENDED";

    /// <summary>Two sources name different tenants, or something of one tenant was used while another is ambient.</summary>
    public const string Mismatch = "TENANT_MISMATCH";

    /// <summary>Nothing is known against the tenant, but it cannot be served now; trying again later is right.</summary>
    public const string Unavailable = "TENANT_UNAVAILABLE";

    /// <summary>The tenant asks for more than its share of connections or calls; trying again later, and less often, is right.</summary>
    public const string Busy = "TENANT_BUSY";
}
