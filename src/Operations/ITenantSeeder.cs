namespace Freehold;

/// <summary>
/// Applies the seeds that were registered with <c>AddSeed</c>, in the order of their versions, each in one transaction with its record in the tenant's own place. Runs
/// at once, also of several processes, apply each seed once.
/// </summary>
public interface ITenantSeeder
{
    /// <summary>Applies to a tenant, whatever its state, the seeds of this environment that it lacks.</summary>
    /// <exception cref="TenantOperationException">
    /// The tenant is not provisioned or deleted, or a seed failed: that one left nothing behind, those before it stay. The message names the seed.
    /// </exception>
    /// <exception cref="MultiTenancyConfigurationException">The seeds cannot work, or do not continue those that the tenant has.</exception>
    Task<TenantSeedResult> SeedAsync(Tenant tenant, CancellationToken cancellationToken = default);

    /// <summary>Does the same for each active tenant, a few at a time, as <see cref="TenantWorkExtensions.ForEachTenantAsync"/> does. The failure of one stops no other.</summary>
    /// <returns>How it went; see <see cref="TenantRun.ThrowIfFailed"/>.</returns>
    /// <exception cref="MultiTenancyConfigurationException">The seeds cannot work, or the options cannot be followed.</exception>
    Task<TenantRun> SeedAllAsync(Action<ForEachTenantOptions>? configure = null, CancellationToken cancellationToken = default);

    /// <summary>The seeds that <see cref="SeedAsync"/> would apply. Changes nothing.</summary>
    /// <inheritdoc cref="SeedAsync" path="/exception"/>
    Task<IReadOnlyList<TenantSeed>> GetPendingAsync(Tenant tenant, CancellationToken cancellationToken = default);
}
