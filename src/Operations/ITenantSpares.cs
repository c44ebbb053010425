namespace Freehold;

/// <summary>
/// Tenants made ahead, so that a sign-up waits for no schema and no migration: a spare is a place with all migrations and without seeds, on the list of tenants in the state
/// <see cref="TenantState.Spare"/>, where convention puts new tenants (by schema, database or file). <c>KeepSpareTenants</c> keeps some all the time.
/// </summary>
public interface ITenantSpares
{
    /// <summary>Makes as many spares as are lacking, and finishes those that an earlier call left unfinished. Processes that call at once take turns, and together make no more.</summary>
    /// <param name="count">How many there shall be; 0 or more. It takes none away: <see cref="ITenantProvisioner.DropAsync"/> does.</param>
    /// <param name="cancellationToken">Stops making them; one that was begun is finished by the next call.</param>
    /// <returns>The spares that this call made or finished.</returns>
    /// <exception cref="MultiTenancyConfigurationException">
    /// New tenants are isolated by row, where there is nothing to make ahead; or the list of tenants is no <see cref="IAtomicTenantRegistry"/>, which could not give one away safely.
    /// </exception>
    /// <exception cref="TenantOperationException">One could not be made; retryable where another process was making some for longer than <see cref="TenantOperationsOptions.LockTimeout"/>.</exception>
    Task<IReadOnlyList<Tenant>> KeepAsync(int count, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes a new tenant from a spare: its record becomes the tenant's in one step, so that of any number of calls at once no two get the same one; then, as in
    /// <see cref="ITenantProvisioner.ProvisionAsync"/>, it gets what it lacks (migrations, seeds, rights) and is let in. Where there is no spare for it, because all are taken, it was given
    /// a placement, or a rule of <c>PlaceBy</c> sends it where no spares are, it is provisioned now. A call that failed or was killed is continued by repeating it, or by
    /// <see cref="ITenantProvisioner.ProvisionAsync"/>.
    /// </summary>
    /// <returns>The tenant as it is recorded now: active, or suspended where the record given says that.</returns>
    /// <exception cref="TenantConflictException">
    /// There is a tenant of that id, and it was not this call that made it ready: of several sign-ups with one id, one gets the tenant.
    /// </exception>
    /// <exception cref="TenantOperationException">Something failed; the message says what, and the remedy.</exception>
    /// <exception cref="MultiTenancyConfigurationException">A setting, a placement, a seed or a DbContext's migrations cannot work.</exception>
    Task<Tenant> ClaimAsync(Tenant wanted, CancellationToken cancellationToken = default);
}
