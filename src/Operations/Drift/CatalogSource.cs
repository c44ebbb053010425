using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Places;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Freehold.Operations.Drift;

/// <summary>The databases whose catalogs can be read, by the role that migrates.</summary>
internal sealed class CatalogSource(DatabaseProvider provider, IOptions<TenantNamingOptions> naming, IOptions<TenantOperationsOptions> options)
{
    /// <exception cref="MultiTenancyConfigurationException">There are none.</exception>
    public void RefuseOthers()
    {
        if (provider is not NpgsqlProvider)
        {
            throw new MultiTenancyConfigurationException(
                $"ITenantDrift reads the catalog of PostgreSQL, and tenants are on {provider.Name}, which has none. Do not compare them there.");
        }
    }

    /// <summary>What is a site's own.</summary>
    public PlaceName NameOf(Site site) =>
        new(site.Placement!.Schema!, provider.HasRole(site.Placement) ? naming.Value.RoleOf(site.Tenant!.Id) : "");

    /// <summary>The database of a server that is the application's, and no tenant's.</summary>
    public string MainDatabase(ResolvedPlacement placement)
    {
        using var connection = provider.CreateAdministrative(NpgsqlPlaces.Nameless(placement), maintenance: true);
        return connection.Database;
    }

    public async Task<CatalogReader> OpenAsync(ResolvedPlacement placement, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)provider.CreateAdministrative(NpgsqlPlaces.Nameless(placement), maintenance: false);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);

            // Compiling the query to machine code takes longer than running it.
            await connection.ExecuteAsync("SET jit TO off", options.Value.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
            return new(connection, options.Value.CommandTimeoutSeconds);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
