namespace Freehold;

/// <summary>
/// A registry that changes a record only if it is still what its reader saw. Optional for a store of your own: without it no spare tenants can be kept, and of two
/// operations that change one tenant's state at the same moment one may undo the other. The list in memory and the PostgreSQL catalog have it.
/// </summary>
public interface IAtomicTenantRegistry : ITenantRegistry
{
    /// <summary>Replaces a tenant's record, if it is the expected one.</summary>
    /// <param name="expected">The record as it was read.</param>
    /// <param name="changed">The record to be, of the same id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where the record is another one by now, or gone: nothing was written.</returns>
    /// <exception cref="TenantConflictException">As in <see cref="ITenantRegistry.UpdateAsync"/>.</exception>
    Task<bool> TryUpdateAsync(Tenant expected, Tenant changed, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a spare away, in one step that happens as a whole or not at all: the record of a <see cref="TenantState.Spare"/> without a
    /// <see cref="Tenant.Failure"/>, whose placement has the isolation and server that the wanted tenant's has, becomes the wanted tenant's, in the state
    /// <see cref="TenantState.Provisioning"/> and with the placement of the spare. Calls at the same time, of any process, get different spares, and do not wait
    /// for each other.
    /// </summary>
    /// <param name="wanted">The tenant to be, with a placement.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The spare's record as it was; null where there is no such spare, and nothing was written.</returns>
    /// <exception cref="TenantConflictException">There is a tenant of that id; no spare was taken.</exception>
    Task<Tenant?> ClaimSpareAsync(Tenant wanted, CancellationToken cancellationToken = default);
}
