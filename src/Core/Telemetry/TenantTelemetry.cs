namespace Freehold;

/// <summary>What the tenant is called where work is observed.</summary>
public static class TenantTelemetry
{
    /// <summary><c>tenant.id</c>: the tag of activities and the property of log events; the value is the id alone.</summary>
    public const string TenantId = "tenant.id";
}
