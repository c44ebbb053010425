using System.Data.Common;
using Freehold.Core.Placement;
using Freehold.Operations.Places;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Provisioning;

/// <summary>Makes spares, and gives them away.</summary>
internal sealed class TenantSpares(
    TenantSites sites, TenantPlaces places, TenantProvisioner provisioner, SpareNames names, SpareDemand demand, IOptions<MultiTenancyOptions> tenancy,
    ILogger<TenantSpares> logger, PlacementRules? rules = null) : ITenantSpares
{
    // What the record says until the spare is one again.
    private const string NotTold = "Provisioning: it could not be told where it is (OnPlacedAsync), and its place is given back.";

    private TenantPlacement Convention => new(tenancy.Value.Isolation);

    public async Task<IReadOnlyList<Tenant>> KeepAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Check();
        var held = await places.LockSparesAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = held.ConfigureAwait(false);
        var spares = await sites.ListAsync(IsHere, cancellationToken).ConfigureAwait(false);
        var unfinished = new Queue<Tenant>(spares.Where(spare => spare.Failure is not null));
        var made = new List<Tenant>();
        for (var ready = spares.Count - unfinished.Count; ready < count; ready++)
        {
            var spare = unfinished.TryDequeue(out var begun) ? begun : names.Next();
            made.Add((await provisioner.MakeAsync(spare, cancellationToken).ConfigureAwait(false)).Tenant);
        }

        return made;
    }

    public async Task<Tenant> ClaimAsync(Tenant wanted, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        wanted = wanted with { State = wanted.State == TenantState.Suspended ? TenantState.Suspended : TenantState.Active };
        var recorded = await sites.FindAsync(wanted, cancellationToken).ConfigureAwait(false);
        if (recorded is { State: TenantState.Active or TenantState.Suspended or TenantState.Migrating } || (recorded is not null && FailureText.IsOfMigrating(recorded)))
        {
            // It has been somebody's, so nothing is done to it for whoever signs up now.
            throw new TenantConflictException(wanted.Id, "there is a tenant of that id");
        }

        var toMake = recorded is null ? await TakeAsync(wanted, cancellationToken).ConfigureAwait(false) : wanted;
        try
        {
            var (tenant, isNew) = await provisioner.MakeAsync(toMake, cancellationToken).ConfigureAwait(false);
            return isNew ? tenant : throw new TenantConflictException(wanted.Id, "there is a tenant of that id, and somebody else made it ready");
        }
        finally
        {
            // Not before: who makes spares would compete with who waits for a tenant.
            demand.Signal();
        }
    }

    /// <exception cref="MultiTenancyConfigurationException">There can be no spares.</exception>
    public void Check()
    {
        if (tenancy.Value.Isolation == Isolation.Row)
        {
            throw new MultiTenancyConfigurationException(
                "There is nothing to make ahead for tenants isolated by row: they are ready when they are recorded. Keep no spares (KeepSpareTenants, ITenantSpares.KeepAsync); ClaimAsync "
                + "works without.");
        }

        if (sites.Atomic is null)
        {
            throw new MultiTenancyConfigurationException(
                "The list of tenants cannot give a spare to one tenant alone. Implement IAtomicTenantRegistry in your store, or call UsePostgresCatalog; without, keep no spares.");
        }
    }

    // Makes a spare's record the wanted tenant's, if there is one for it. Returns what is to be provisioned.
    private async Task<Tenant> TakeAsync(Tenant wanted, CancellationToken cancellationToken)
    {
        if (wanted.Placement is not null || sites.Atomic is not { } registry)
        {
            return wanted;
        }

        var decided = rules is null ? wanted : await rules.DecideAsync(wanted, cancellationToken).ConfigureAwait(false);
        var place = decided.Placement ?? Convention;
        if (place.Isolation == Isolation.Row || place.Database is not null || place.Schema is not null
            || await registry.ClaimSpareAsync(wanted with { Placement = place }, cancellationToken).ConfigureAwait(false) is not { } spare)
        {
            return decided;
        }

        logger.Claimed(wanted.Id, spare.Id);
        if (rules is not null)
        {
            await TellPlacedAsync(rules, decided, spare, registry).ConfigureAwait(false);
        }

        return wanted;
    }

    // Under the place's lock, so that nobody finishes what may be taken back; to its end, because the record is the tenant's by now.
    private async Task TellPlacedAsync(PlacementRules rules, Tenant decided, Tenant spare, IAtomicTenantRegistry registry)
    {
        var placed = decided with { Placement = spare.Placement };
        IAsyncDisposable? held = null;
        try
        {
            held = await places.LockAsync(sites.Of(placed), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is TenantOperationException or DbException)
        {
            // Somebody came before and works there: it is told all the same, and never taken back.
        }

        try
        {
            await rules.TellPlacedAsync(decided, placed, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            // As where a tenant is added: telling again needs adding again. Not where somebody made the tenant ready.
            var recorded = held is null ? null : await sites.FindAsync(placed, CancellationToken.None).ConfigureAwait(false);
            if (recorded is { State: TenantState.Provisioning }
                && await registry.TryUpdateAsync(recorded, recorded with { State = TenantState.Failed, Failure = NotTold }, CancellationToken.None).ConfigureAwait(false))
            {
                await registry.RemoveAsync(decided.Id, CancellationToken.None).ConfigureAwait(false);
                await registry.AddAsync(spare, CancellationToken.None).ConfigureAwait(false);
            }

            throw;
        }
        finally
        {
            if (held is not null)
            {
                await held.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    // Spares of before IsolateBy was changed are not for those who come now.
    private bool IsHere(Tenant tenant) => tenant is { State: TenantState.Spare, Placement: { } place } && place.Isolation == Convention.Isolation && place.Server == Convention.Server;
}
