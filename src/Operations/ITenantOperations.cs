namespace Freehold;

/// <summary>
/// Operations on many tenants: a plan, which changes nothing and is the dry run; a run, which several servers serve at once; a result, which says of every
/// tenant how it went. A run that was killed is continued by the next one. For one tenant there is <see cref="ITenantProvisioner"/>.
/// </summary>
public interface ITenantOperations
{
    /// <summary>
    /// Where the tenants' migrations stand, and what would take them to their newest state, or to a target. One query for each shared database of a server, whatever the number of
    /// tenants there, and one for each database of a tenant's own. Changes nothing and takes no lock; also the status of the fleet.
    /// </summary>
    /// <param name="tenants">Which; all where null.</param>
    /// <param name="options">How far, and which context's; all migrations of all where null.</param>
    /// <param name="cancellationToken">Stops planning.</param>
    /// <exception cref="TenantOperationException">A tenant that the selection names is not on the list, or cannot be migrated in its state.</exception>
    /// <exception cref="MultiTenancyConfigurationException">
    /// A DbContext's migrations cannot work, the target is none of them, or one that would be reverted has no Down.
    /// </exception>
    Task<TenantMigrationPlan> PlanMigrationAsync(TenantSelection? tenants = null, TenantMigrationOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Does what the plan says: applies what is pending, of the shared tables first, and reverts what is beyond its target. What a tenant has is looked at once more under its
    /// lock, so that a plan may be old, and any number of processes may migrate at the same time.
    /// </summary>
    /// <param name="plan">What <see cref="PlanMigrationAsync"/> found.</param>
    /// <param name="options">How to go through the tenants; its defaults where null.</param>
    /// <param name="cancellationToken">
    /// Ends the run early without an exception: what runs is finished, nothing else is begun, and the result says what was not. The next run continues.
    /// </param>
    /// <exception cref="TenantOperationException">The shared tables could not be migrated: no tenant was begun.</exception>
    /// <exception cref="MultiTenancyConfigurationException">An option is not possible, or refuses the plan.</exception>
    Task<TenantOperationResult> MigrateAsync(TenantMigrationPlan plan, TenantRunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes into histories what the plan found pending, those of the shared tables first, and runs nothing of it: for places that were made by other means, and for steps that were
    /// mended by hand. A history table that is missing is made; tables of a place of rows get the policies that they lack. A tenant whose history is not as planned any more fails, and
    /// nothing is written.
    /// </summary>
    /// <param name="plan">What <see cref="PlanMigrationAsync"/> found, which is the dry run; with a target, only what is pending up to it.</param>
    /// <param name="options">As in <see cref="MigrateAsync"/>; migrations' hooks are not called, for none is run.</param>
    /// <param name="cancellationToken">As in <see cref="MigrateAsync"/>.</param>
    /// <exception cref="TenantOperationException">The shared tables' history could not be written: no tenant was begun.</exception>
    /// <exception cref="MultiTenancyConfigurationException">An option is not possible, or refuses the plan.</exception>
    Task<TenantOperationResult> MarkAppliedAsync(TenantMigrationPlan plan, TenantRunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// What <see cref="RunAsync"/> would do: the chosen tenants, without those for whom an earlier run of that name, which did not come to its end, has
    /// succeeded already. Changes nothing.
    /// </summary>
    /// <param name="operation">The name of the work; 1 to 200 characters. Another name is other work.</param>
    /// <param name="tenants">Which; all where null.</param>
    /// <param name="cancellationToken">Stops planning.</param>
    /// <exception cref="TenantOperationException">A tenant that the selection names is not on the list.</exception>
    Task<TenantOperationPlan> PlanAsync(string operation, TenantSelection? tenants = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs work for each tenant, inside it, in a DI scope of its own and under a lock of that operation and tenant. On PostgreSQL each success is recorded, so that
    /// a run which ended early, also by kill, is continued by the next one of that name; a tenant at whom it was killed is repeated.
    /// </summary>
    /// <param name="plan">What <see cref="PlanAsync"/> found.</param>
    /// <param name="work">Gets the tenant, its scope's services, and a token that is never cancelled: what was begun is finished.</param>
    /// <param name="options">As in <see cref="MigrateAsync"/>.</param>
    /// <param name="cancellationToken">As in <see cref="MigrateAsync"/>.</param>
    /// <exception cref="MultiTenancyConfigurationException">An option is not possible.</exception>
    Task<TenantOperationResult> RunAsync(
        TenantOperationPlan plan, Func<Tenant, IServiceProvider, CancellationToken, Task> work, TenantRunOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends the open run of that name, with tenants who failed or whose turn did not come: the next <see cref="PlanAsync"/> of that name begins anew, with all tenants. A process
    /// that works on the run just now goes on.
    /// </summary>
    /// <param name="operation">The name of the work.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False where no run of that name was open.</returns>
    /// <exception cref="TenantOperationException">The journal could not be written.</exception>
    Task<bool> AbandonAsync(string operation, CancellationToken cancellationToken = default);
}
