namespace Freehold;

/// <summary>
/// Applies the seeds that were registered with <c>AddSeed</c>, in the order of their versions, each in one transaction with its record in the tenant's own place. Runs
/// at once, also of several processes, apply each seed once.
/// </summary>
public interface ITenantSeeder
{
    /// <summary>Applies to a tenant, whatever its state, the seeds of this environment that it lacks.</summary>
    /// <exception cref="TenantOperationException">
    /// The tenant is not provisioned, a spare or deleted, or a seed failed: that one left nothing behind, those before it stay. The message names the seed.
    /// </exception>
    /// <exception cref="MultiTenancyConfigurationException">The seeds cannot work, or do not continue those that the tenant has.</exception>
    Task<TenantSeedResult> SeedAsync(Tenant tenant, CancellationToken cancellationToken = default);

    /// <summary>
    /// Does the same for many, with waves, parallelism and progress as in <see cref="ITenantOperations.MigrateAsync"/>. Each tenant remembers which seeds it has, so
    /// a run that ended early, also by kill, is continued by the next one. Spares are passed over.
    /// </summary>
    /// <param name="tenants">Which; all where null.</param>
    /// <param name="options">How to go through them; its defaults where null.</param>
    /// <param name="cancellationToken">Ends the run early without an exception: the seed that runs is finished, nothing else is begun.</param>
    /// <returns>How it went; <see cref="TenantOutcomeKind.NothingToDo"/> for those who lacked none.</returns>
    /// <exception cref="TenantOperationException">A tenant that the selection names is not on the list, or in another state.</exception>
    /// <exception cref="MultiTenancyConfigurationException">The seeds cannot work, or an option is not possible.</exception>
    Task<TenantOperationResult> SeedAllAsync(
        TenantSelection? tenants = null, TenantRunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>The seeds that <see cref="SeedAsync"/> would apply. Changes nothing.</summary>
    /// <inheritdoc cref="SeedAsync" path="/exception"/>
    Task<IReadOnlyList<TenantSeed>> GetPendingAsync(Tenant tenant, CancellationToken cancellationToken = default);
}
