namespace Freehold;

/// <summary>What <see cref="ITenantOperations.RunAsync"/> would do.</summary>
public sealed class TenantOperationPlan
{
    internal TenantOperationPlan(string operation, IReadOnlyList<Tenant> tenants, IReadOnlyList<Tenant> done)
    {
        Operation = operation;
        Tenants = tenants;
        Done = done;
    }

    /// <summary>The name of the work.</summary>
    public string Operation { get; }

    /// <summary>The tenants whose turn comes.</summary>
    public IReadOnlyList<Tenant> Tenants { get; }

    /// <summary>Those for whom the earlier run that this one continues has succeeded.</summary>
    public IReadOnlyList<Tenant> Done { get; }
}
