namespace Freehold;

/// <summary>How <see cref="TenantWorkExtensions.ForEachTenantAsync"/> goes through the tenants.</summary>
public sealed class ForEachTenantOptions
{
    /// <summary>How many tenants are served at the same time; 4 by default. Each takes a DI scope, and its contexts take connections.</summary>
    public int MaxParallelism { get; set; } = 4;

    /// <exception cref="MultiTenancyConfigurationException">A rule is broken.</exception>
    internal void Check()
    {
        if (MaxParallelism < 1)
        {
            throw new MultiTenancyConfigurationException($"ForEachTenantOptions.MaxParallelism is {MaxParallelism}; it must be at least 1.");
        }
    }
}
