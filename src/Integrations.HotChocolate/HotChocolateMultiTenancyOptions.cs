namespace Freehold;

/// <summary>What of a GraphQL schema needs a tenant, and what of it is the tenant's own.</summary>
public sealed class HotChocolateMultiTenancyOptions
{
    /// <summary>
    /// Whether an operation needs a tenant where its root fields do not say (<see cref="RequireTenantAttribute"/>, <see cref="AllowNoTenantAttribute"/>
    /// on the resolver's method or its class). True by default. Introspection and warm-up never need one.
    /// </summary>
    public bool RequireTenantByDefault { get; set; } = true;

    /// <summary>
    /// Whether what a document id means is each tenant's own: true where the storage of persisted operations is per tenant. Parsed documents and
    /// compiled operations are then kept per tenant, and need as many times the room. False by default.
    /// </summary>
    public bool DocumentsPerTenant { get; set; }

    /// <summary>
    /// Lets subscriptions run on topics that all tenants share: where every topic's name holds the tenant already, or its messages are nobody's.
    /// False by default: the application does not start with subscriptions and without <c>AddTenantTopics</c>.
    /// </summary>
    public bool ShareTopics { get; set; }

    /// <summary>
    /// Whether <c>connection_init</c> may name the tenant of a socket. Null by default: where HTTP requests may name theirs in the header
    /// <c>tenant-id</c>, which is the default source of ASP.NET Core's adapter; so not where only hosts, routes or claims are believed, nor without that
    /// adapter. Never where tenants are signed.
    /// </summary>
    public bool? TrustConnectionInit { get; set; }

    /// <summary>
    /// The claims that name the tenants of an authenticated user: <c>tenant-id</c> and <c>tenant_id</c> by default, and those of ASP.NET Core's adapter. A
    /// socket is closed whose <c>connection_init</c> names another tenant.
    /// </summary>
    public ISet<string> VerifiedClaims { get; } = new HashSet<string>(StringComparer.Ordinal) { TenantHeader.Name, "tenant_id" };
}
