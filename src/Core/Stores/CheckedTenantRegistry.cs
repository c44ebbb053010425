using Freehold.Core.Placement;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Stores;

/// <summary>
/// What every registry owes, whoever wrote it: no id against the naming rules gets in, a new tenant is placed by the rules, and this process
/// forgets what was written.
/// </summary>
internal class CheckedTenantRegistry(ITenantRegistry inner, ITenantCache cache, IOptions<TenantNamingOptions> naming, PlacementRules? rules)
    : ITenantRegistry
{
    public async Task AddAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        Check(tenant.Id);
        var placed = rules is null ? tenant : await rules.DecideAsync(tenant, cancellationToken).ConfigureAwait(false);
        await WriteAsync(placed.Id, inner.AddAsync(placed, cancellationToken)).ConfigureAwait(false);
        if (rules is not null)
        {
            await TellPlacedAsync(placed, rules, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task UpdateAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        await WriteAsync(tenant.Id, inner.UpdateAsync(tenant, cancellationToken)).ConfigureAwait(false);
    }

    public Task RemoveAsync(TenantId id, CancellationToken cancellationToken = default) =>
        WriteAsync(id, inner.RemoveAsync(id, cancellationToken));

    protected void Check(TenantId id)
    {
        if (naming.Value.Defect(id) is { } defect)
        {
            throw new InvalidTenantIdException(id.Value, defect);
        }
    }

    protected void Forget(TenantId id) => cache.Forget(id);

    protected async Task WriteAsync(TenantId id, Task writing)
    {
        try
        {
            await writing.ConfigureAwait(false);
        }
        finally
        {
            // After a failure too: a connection that broke does not say whether it had written.
            cache.Forget(id);
        }
    }

    private async Task TellPlacedAsync(Tenant placed, PlacementRules rules, CancellationToken cancellationToken)
    {
        try
        {
            await rules.TellPlacedAsync(placed, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Added and not told would be half done, and adding it again a conflict.
            await RemoveAsync(placed.Id, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }
}

/// <summary>The same for a registry that is atomic.</summary>
internal sealed class CheckedAtomicRegistry(IAtomicTenantRegistry inner, ITenantCache cache, IOptions<TenantNamingOptions> naming, PlacementRules? rules)
    : CheckedTenantRegistry(inner, cache, naming, rules), IAtomicTenantRegistry
{
    public async Task<bool> TryUpdateAsync(Tenant expected, Tenant changed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(changed);
        var writing = inner.TryUpdateAsync(expected, changed, cancellationToken);
        await WriteAsync(expected.Id, writing).ConfigureAwait(false);
        return await writing.ConfigureAwait(false);
    }

    public async Task<Tenant?> ClaimSpareAsync(Tenant wanted, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        Check(wanted.Id);
        var claiming = inner.ClaimSpareAsync(wanted, cancellationToken);
        await WriteAsync(wanted.Id, claiming).ConfigureAwait(false);
        var spare = await claiming.ConfigureAwait(false);
        if (spare is not null)
        {
            Forget(spare.Id);
        }

        return spare;
    }
}
