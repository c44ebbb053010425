namespace Freehold;

/// <summary>
/// A MediatR request, stream request or notification that names the tenant it is for, and so runs in it wherever it is sent from. Use it
/// where messages arrive from outside any tenant's flow (a socket, a file, an inbox); inside one the ambient tenant needs no naming.
/// </summary>
public interface ITenantRequest
{
    /// <summary>
    /// The tenant's id, or null to name none: then the ambient tenant stays. The ambient tenant's own id changes nothing. Any other is
    /// admitted first, then entered in a DI scope of its own; while another tenant is ambient it is refused with <c>TENANT_MISMATCH</c>
    /// unless <see cref="MediatRMultiTenancyOptions.AllowRequestsToCrossTenants"/> is set.
    /// </summary>
    string? TenantId { get; }
}
