namespace Freehold;

/// <summary>
/// Creates, migrates, suspends and drops tenants: their records, and their databases, schemas and files. What works on those holds the tenant's lock, so that calls on one tenant
/// wait for each other, also between processes; and every call can be repeated: it continues what a failed or cancelled one left.
/// </summary>
/// <remarks>
/// The registry's record says where the data is. A <see cref="Tenant"/> given without a placement means "as recorded"; one whose placement
/// differs from the record is refused.
/// </remarks>
public interface ITenantProvisioner
{
    /// <summary>
    /// Makes a tenant ready, step by step: its record; the shared tables' migrations; its schema, database or file; its own migrations; the seeds of this environment
    /// (<c>AddSeed</c>); and at last its state. A tenant that the store does not have is placed (as given, by a rule of <c>PlaceBy</c>, or by convention) and added as
    /// <see cref="TenantState.Provisioning"/>, and becomes <see cref="TenantState.Active"/> (or <see cref="TenantState.Suspended"/>, where the record given says that) as the last
    /// step. Where a step fails it is <see cref="TenantState.Failed"/> and <see cref="Tenant.Failure"/> says which and why; where the call is cancelled, or the process killed, it stays
    /// <see cref="TenantState.Provisioning"/>. Every boundary refuses both as retryable, and repeating the call continues. One that is already active or suspended gets what it lacks
    /// and keeps its state, also when that fails.
    /// </summary>
    /// <returns>The tenant as it is recorded now.</returns>
    /// <exception cref="TenantConflictException">Its id was deleted and is still remembered, or its place is another tenant's.</exception>
    /// <exception cref="TenantOperationException">Something failed; the message says what, and the remedy. Or the id is a spare's.</exception>
    /// <exception cref="MultiTenancyConfigurationException">A setting, a placement, a seed or a DbContext's migrations cannot work.</exception>
    Task<Tenant> ProvisionAsync(Tenant tenant, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes an active tenant out of service: from now on (in other processes when their cached record has expired) every boundary refuses it with <c>TENANT_SUSPENDED</c>. Its
    /// data stays, and is migrated with the others'. Waits for no lock. One that is suspended stays so.
    /// </summary>
    /// <returns>The tenant as it is recorded now.</returns>
    /// <exception cref="TenantOperationException">There is no such tenant, or its state is another one; retryable while it is migrated.</exception>
    Task<Tenant> SuspendAsync(TenantId id, CancellationToken cancellationToken = default);

    /// <summary>Lets a suspended tenant in again. One that is active stays so.</summary>
    /// <returns>The tenant as it is recorded now.</returns>
    /// <exception cref="TenantOperationException">There is no such tenant, or its state is another one; retryable while it is migrated.</exception>
    Task<Tenant> ResumeAsync(TenantId id, CancellationToken cancellationToken = default);

    /// <summary>Applies the pending migrations of every DbContext that was registered with <c>AddDbContext</c>. The tenant keeps its state.</summary>
    /// <exception cref="TenantOperationException">
    /// The tenant is not provisioned, or a migration failed: what ran in its transaction is undone, so the tenant is as it was before that
    /// migration. Retryable, where another operation held the tenant for longer than <see cref="TenantOperationsOptions.LockTimeout"/>.
    /// </exception>
    /// <exception cref="MultiTenancyConfigurationException">A placement or a DbContext's migrations cannot work.</exception>
    Task<TenantMigrationResult> MigrateAsync(Tenant tenant, CancellationToken cancellationToken = default);

    /// <summary>
    /// Creates the schema (SQLite: the file) of the shared tables, and the types' schema, and applies the pending migrations of every DbContext
    /// that was registered with <c>AddSharedDbContext</c>. Call it before <see cref="MigrateAsync"/>: tenants' tables may reference shared ones.
    /// </summary>
    /// <exception cref="TenantOperationException">Something failed; the message says what, and the remedy.</exception>
    /// <exception cref="MultiTenancyConfigurationException">A DbContext's migrations cannot work.</exception>
    Task<TenantMigrationResult> MigrateSharedAsync(CancellationToken cancellationToken = default);

    /// <summary>The migrations that <see cref="MigrateAsync"/> would apply. Changes nothing and takes no lock.</summary>
    /// <exception cref="TenantOperationException">The tenant is not provisioned.</exception>
    Task<IReadOnlyList<TenantMigration>> GetPendingAsync(Tenant tenant, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a tenant out of service (its record becomes <see cref="TenantState.Deleted"/> and stays, so that the id is not given away while
    /// messages and jobs still name it; <see cref="ITenantRegistry.RemoveAsync"/> frees it), closes what this process keeps open to its
    /// database, and drops its schema, database or file with everything in it. What is not there is not an error. A spare is forgotten altogether.
    /// </summary>
    /// <param name="tenant">Whom.</param>
    /// <param name="options">Whether to archive its data first; null for no.</param>
    /// <param name="cancellationToken">Gives up; before anything is dropped, or so that repeating the call drops the rest.</param>
    /// <exception cref="TenantOperationException">
    /// The place is also another tenant's, belongs to everybody, or is not marked as this tenant's; or the archive could not be written and read back: nothing was dropped, and the
    /// tenant is in the state that it was in. Or dropping failed: the tenant is out of service, and repeating the call drops the rest; retryable where its data was written while it was archived.
    /// </exception>
    Task<TenantDropResult> DropAsync(Tenant tenant, TenantDropOptions? options = null, CancellationToken cancellationToken = default);
}
