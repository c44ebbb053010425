namespace Freehold;

/// <summary>Settings of multi-tenancy in MediatR. The defaults refuse whatever is in doubt.</summary>
public sealed class MediatRMultiTenancyOptions
{
    /// <summary>
    /// Whether requests and notifications that carry neither <see cref="RequireTenantAttribute"/> nor <see cref="AllowNoTenantAttribute"/>
    /// are refused with <c>TENANT_MISSING</c> where no tenant is current. True by default.
    /// </summary>
    public bool RequireTenant { get; set; } = true;

    /// <summary>
    /// Whether a request that names a tenant (<see cref="ITenantRequest"/>) may be sent while another is current. False by default: it is
    /// refused with <c>TENANT_MISMATCH</c>. If true, the named tenant is admitted, the crossing is logged (event 2101), and the request
    /// runs in a DI scope of its own, so that it shares no DbContext with the sender.
    /// </summary>
    public bool AllowRequestsToCrossTenants { get; set; }
}
