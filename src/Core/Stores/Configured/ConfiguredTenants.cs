using System.Collections.Frozen;

namespace Freehold.Core.Stores.Configured;

/// <summary>The tenants of one reading of the configuration.</summary>
internal sealed class ConfiguredTenants(IEnumerable<Tenant> tenants)
{
    /// <summary>In the order of their ids.</summary>
    public IReadOnlyList<Tenant> All { get; } = [.. tenants.OrderBy(tenant => tenant.Id.Value, StringComparer.Ordinal)];

    public FrozenDictionary<TenantId, Tenant> ById { get; } = tenants.ToFrozenDictionary(tenant => tenant.Id);
}
