using MassTransit;

namespace Freehold;

/// <summary>
/// A saga whose instances belong to the tenant that started them. Correlation ids are the same for all tenants, so every saga that is driven
/// by messages of tenants needs this, or <see cref="MassTransitMultiTenancyOptions.AllowSharedSaga{TSaga}"/>; without, the bus does not start.
/// </summary>
public interface ITenantSaga : ISaga
{
    /// <summary>
    /// The tenant of the instance, to be stored with it. Written before the first message of a tenant is handled, and never changed: a message
    /// of another tenant, or of none, is then refused with <see cref="TenantMismatchException"/> in one attempt. Instances from before
    /// multi-tenancy have null and become the tenant's that comes first: fill it for them.
    /// </summary>
    string? TenantId { get; set; }
}
