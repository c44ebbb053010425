using System.Diagnostics.Metrics;

namespace Freehold;

/// <summary>What the tenant is called where work is observed.</summary>
public static class TenantTelemetry
{
    /// <summary><c>tenant.id</c>: the tag of activities and the property of log events; the value is the id alone.</summary>
    public const string TenantId = "tenant.id";

    /// <summary>
    /// <c>Freehold</c>: the source of Freehold's own activities, to listen to. Work for a tenant where no host has an activity for it
    /// (<see cref="TenantWorkExtensions.ForTenantAsync"/>) is one, <c>ForTenant</c>.
    /// </summary>
    public const string ActivitySource = "Freehold";

    /// <summary><c>Freehold</c>: the meter of Freehold's own instruments.</summary>
    public const string MeterName = "Freehold";

    internal static readonly Meter Meter = new(MeterName);
}
