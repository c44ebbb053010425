using Freehold.Core.Admission;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>
/// Decides, once for all boundaries, whether work may run for a tenant: does it exist, is it active. Adapters ask here and translate the
/// answer; entering what was admitted is <see cref="TenantScope.Enter"/>.
/// </summary>
public sealed class TenantAdmission
{
    private readonly ITenantStore _store;
    private readonly TenantNamingOptions _naming;
    private readonly TenantRateLimit? _rate;

    /// <summary>Asks <paramref name="store"/>, by the rules of <paramref name="naming"/>.</summary>
    public TenantAdmission(ITenantStore store, IOptions<TenantNamingOptions> naming) : this(store, naming, rate: null)
    {
    }

    internal TenantAdmission(ITenantStore store, IOptions<TenantNamingOptions> naming, TenantRateLimit? rate)
    {
        ArgumentNullException.ThrowIfNull(naming);
        _store = store;
        _naming = naming.Value;
        _rate = rate;
    }

    /// <summary>Admits the tenant of that id.</summary>
    /// <exception cref="TenantMissingException">The id is null or empty.</exception>
    /// <exception cref="TenantUnknownException">No tenant has it, it was deleted or is a spare, or it cannot be an id.</exception>
    /// <exception cref="TenantSuspendedException">The tenant is suspended.</exception>
    /// <exception cref="TenantUnavailableException">The store failed, or the tenant is being provisioned or migrated, or that failed. Trying again is right.</exception>
    /// <exception cref="TenantBusyException">The tenant comes more often than <c>LimitRate</c> allows.</exception>
    public ValueTask<Tenant> AdmitAsync(string? tenantId, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrEmpty(tenantId))
        {
            return ValueTask.FromException<Tenant>(new TenantMissingException());
        }

        if (!TenantId.TryParse(tenantId, out var id))
        {
            return ValueTask.FromException<Tenant>(new TenantUnknownException(tenantId, "it is not a well-formed id"));
        }

        return _naming.Defect(id) is { } defect
            ? ValueTask.FromException<Tenant>(new TenantUnknownException(tenantId, defect))
            : AdmitAsync(id, cancellationToken);
    }

    /// <summary>Admits the tenant of that id.</summary>
    /// <inheritdoc cref="AdmitAsync(string?, CancellationToken)" path="/exception" />
    public async ValueTask<Tenant> AdmitAsync(TenantId tenantId, CancellationToken cancellationToken = default)
    {
        Tenant? tenant;
        try
        {
            tenant = await _store.FindAsync(tenantId, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not TenantException && !IsCancelledBy(failure, cancellationToken))
        {
            throw new TenantUnavailableException(tenantId.Value, "the tenant store failed. Look at the inner exception, mend the store, and try again.", failure);
        }

        var admitted = Admitted(tenant, tenantId);
        if (_rate is not null)
        {
            await _rate.AdmitAsync(admitted, cancellationToken).ConfigureAwait(false);
        }

        return admitted;
    }

    private static Tenant Admitted(Tenant? tenant, TenantId tenantId) => tenant switch
    {
        { } when tenant.Id != tenantId => throw new TenantUnknownException(tenantId.Value),
        { State: TenantState.Active } => tenant,
        { State: TenantState.Suspended } => throw new TenantSuspendedException(tenantId),
        { State: TenantState.Provisioning } => throw new TenantUnavailableException(tenantId.Value, "it is being provisioned. Try again when that is done."),
        { State: TenantState.Migrating } => throw new TenantUnavailableException(tenantId.Value, "it is being migrated. Try again when that is done."),
        { State: TenantState.Failed } => throw new TenantUnavailableException(
            tenantId.Value, "provisioning or migrating it failed (its record's Failure says why). Mend that and repeat it, then try again."),
        _ => throw new TenantUnknownException(tenantId.Value),
    };

    // A store that gives up by itself throws the same type: that is its failure, not the caller's wish.
    private static bool IsCancelledBy(Exception failure, CancellationToken cancellationToken) =>
        failure is OperationCanceledException && cancellationToken.IsCancellationRequested;
}
