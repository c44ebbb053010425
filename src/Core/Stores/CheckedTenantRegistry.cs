using Microsoft.Extensions.Options;

namespace Freehold.Core.Stores;

/// <summary>What every registry owes, whoever wrote it: no id against the naming rules gets in, and this process forgets what was written.</summary>
internal sealed class CheckedTenantRegistry(ITenantRegistry inner, ITenantCache cache, IOptions<TenantNamingOptions> naming) : ITenantRegistry
{
    public async Task AddAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        if (naming.Value.Defect(tenant.Id) is { } defect)
        {
            throw new InvalidTenantIdException(tenant.Id.Value, defect);
        }

        await WriteAsync(tenant.Id, inner.AddAsync(tenant, cancellationToken)).ConfigureAwait(false);
    }

    public async Task UpdateAsync(Tenant tenant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        await WriteAsync(tenant.Id, inner.UpdateAsync(tenant, cancellationToken)).ConfigureAwait(false);
    }

    public Task RemoveAsync(TenantId id, CancellationToken cancellationToken = default) =>
        WriteAsync(id, inner.RemoveAsync(id, cancellationToken));

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
