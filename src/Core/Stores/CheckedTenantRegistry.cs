using Freehold.Core.Placement;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Stores;

/// <summary>
/// What every registry owes, whoever wrote it: no id against the naming rules gets in, a new tenant is placed by the rules, and this process
/// forgets what was written.
/// </summary>
internal sealed class CheckedTenantRegistry(ITenantRegistry inner, ITenantCache cache, IOptions<TenantNamingOptions> naming, PlacementRules? rules)
    : ITenantRegistry
{
    public async Task AddAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        if (naming.Value.Defect(tenant.Id) is { } defect)
        {
            throw new InvalidTenantIdException(tenant.Id.Value, defect);
        }

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

    private async Task WriteAsync(TenantId id, Task writing)
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
}
