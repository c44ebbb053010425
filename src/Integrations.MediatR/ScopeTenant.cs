namespace Freehold.Integrations.MediatR;

/// <summary>Whose a DI scope is. Another tenant's work gets another scope, always: this one's holds contexts bound to this tenant.</summary>
internal interface IScopeTenant
{
    /// <summary>True where work of that tenant (null: of none) may run in this scope.</summary>
    bool IsHomeOf(Tenant? tenant);
}

/// <summary>
/// A scope is the tenant's that was ambient when its first mediator was built. Built before the tenant was known, it goes to the first
/// one that sends from it.
/// </summary>
internal sealed class ScopeTenant(ITenantContext tenants) : IScopeTenant
{
    private Tenant? _tenant = tenants.Current;

    public bool IsHomeOf(Tenant? tenant)
    {
        var owner = Volatile.Read(ref _tenant);
        if (owner is null && tenant is not null)
        {
            owner = Interlocked.CompareExchange(ref _tenant, tenant, null) ?? tenant;
        }

        return ReferenceEquals(owner, tenant) || (owner is not null && tenant is not null && owner.Id == tenant.Id);
    }
}
