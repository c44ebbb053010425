namespace Freehold.Operations.Provisioning;

/// <summary>Who can be suspended and resumed: one table of what a tenant is and what it shall be.</summary>
internal static class TenantTransitions
{
    /// <summary>The record in the wanted state: <see cref="TenantState.Suspended"/> or <see cref="TenantState.Active"/>. As it is where it is in that state.</summary>
    /// <exception cref="TenantOperationException">Not from the state that it is in.</exception>
    public static Tenant To(Tenant tenant, TenantState wanted) => tenant.State switch
    {
        TenantState.Active or TenantState.Suspended => tenant.State == wanted ? tenant : tenant with { State = wanted },
        TenantState.Provisioning => throw Refused(
            tenant, wanted, "Finish that first (ITenantProvisioner.ProvisionAsync; with State = Suspended in the record given, it ends suspended)."),
        TenantState.Migrating => throw Refused(
            tenant, wanted, "Nobody is let in meanwhile. Repeat the call when that has ended; if it was killed, migrate again first.", isRetryable: true),
        TenantState.Failed => throw Refused(tenant, wanted, "Nobody is let in. Mend what its record's Failure says, and repeat provisioning (or migrating) first."),
        TenantState.Spare => throw Refused(tenant, wanted, "It is nobody's yet. Let a tenant claim it (ITenantSpares.ClaimAsync)."),
        _ => throw Refused(tenant, wanted, "Its data is gone. ITenantRegistry.RemoveAsync frees the id for a new tenant."),
    };

    private static TenantOperationException Refused(Tenant tenant, TenantState wanted, string remedy, bool isRetryable = false) =>
        new(tenant.Id, $"Tenant '{tenant.Id}' is {tenant.State}, so it cannot become {wanted}. {remedy}", isRetryable);
}
