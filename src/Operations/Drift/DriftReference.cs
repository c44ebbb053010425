using System.Security.Cryptography;
using System.Text;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;

namespace Freehold.Operations.Drift;

/// <summary>
/// Makes a place as provisioning makes one, reads what it looks like, and drops it, whatever happens meanwhile. Its name is always the same and its lock is held
/// as long as it is there: one that a process left behind when it died is dropped by the next.
/// </summary>
internal sealed class DriftReference(CatalogSource catalogs, TenantPlaces places, SiteMigrator migrator)
{
    private const string Name = "freehold_reference";

    /// <summary>What a place like this one looks like, fresh from its migrations.</summary>
    public async Task<Catalog> ReadAsync(ResolvedPlacement like, CancellationToken cancellationToken)
    {
        var site = SiteLike(like);
        try
        {
            var held = await places.LockAsync(site, cancellationToken).ConfigureAwait(false);
            await using var _ = held.ConfigureAwait(false);
            await DropAsync(site, cancellationToken).ConfigureAwait(false);
            try
            {
                await places.EnsureAsync(site, cancellationToken).ConfigureAwait(false);
                await migrator.MigrateAsync(site, new Stopping(cancellationToken, cancellationToken), isForShow: true).ConfigureAwait(false);
                return await ReadAsync(site, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await DropAsync(site, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or MultiTenancyConfigurationException))
        {
            var explained = failure as TenantOperationException ?? places.Explain(site, "Making it", failure);
            throw new TenantOperationException(
                tenantId: null,
                $"Nothing was compared on server '{like.Server}', for no reference could be made there to compare with, as that of a tenant is made. {explained.Message}",
                explained.IsRetryable,
                failure);
        }
    }

    private async Task<Catalog> ReadAsync(Site site, CancellationToken cancellationToken)
    {
        var reader = await catalogs.OpenAsync(site.Placement!, cancellationToken).ConfigureAwait(false);
        await using var _ = reader.ConfigureAwait(false);
        return await reader.FindAsync(catalogs.NameOf(site), site.Placement!.Isolation == Isolation.Database, cancellationToken).ConfigureAwait(false)
            ?? throw site.Refused("somebody dropped it while it was read. Repeat the call.", isRetryable: true);
    }

    // A place of rows is a schema that is not dropped with a tenant, and not marked as one's: here it is dropped. No tenant's schema can have that name.
    private async Task DropAsync(Site site, CancellationToken cancellationToken)
    {
        var own = site.IsByRow ? site with { Placement = site.Placement! with { Isolation = Isolation.Schema } } : site;
        if (site.IsByRow || await places.CanDropAsync(own, cancellationToken).ConfigureAwait(false))
        {
            await places.DropAsync(own, null, cancellationToken).ConfigureAwait(false);
        }
    }

    // Databases and roles are the whole server's: those of the reference are this application's and this database's.
    private Site SiteLike(ResolvedPlacement like)
    {
        var name = $"{catalogs.MainDatabase(like)}/{(like.Isolation == Isolation.Database ? null : like.Database)}";
        var own = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))[..6]);
        var placement = like.Isolation switch
        {
            Isolation.Database => new ResolvedPlacement(like.Isolation, like.Server, $"{Name}_{own}", like.Schema),
            Isolation.Row => new(like.Isolation, like.Server, like.Database, $"{Name}_rows"),
            _ => new(like.Isolation, like.Server, like.Database, Name),
        };
        return new(new Tenant($"freehold-reference-{own}"), placement);
    }
}
