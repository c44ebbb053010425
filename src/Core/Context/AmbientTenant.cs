namespace Freehold.Core.Context;

/// <summary>The ambient tenant of the running flow, as the container hands it out.</summary>
internal sealed class AmbientTenant : ITenantContext
{
    public Tenant? Current => TenantScope.Current;

    public Tenant Required => TenantScope.Current ?? throw new TenantMissingException();
}
