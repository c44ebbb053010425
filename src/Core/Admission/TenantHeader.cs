namespace Freehold;

/// <summary>How a tenant is written on what travels: the name of the header on HTTP and the bus, and of the parameter of a job.</summary>
public static class TenantHeader
{
    /// <summary><c>tenant-id</c>; the value is the id alone.</summary>
    public const string Name = "tenant-id";

    /// <summary><c>tenant-signature</c>, beside it where tenants are signed (<see cref="TenantSigner"/>).</summary>
    public const string Signature = "tenant-signature";
}
