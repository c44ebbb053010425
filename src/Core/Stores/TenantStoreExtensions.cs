using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Core.Stores;
using Freehold.Core.Stores.Catalog;
using Freehold.Core.Stores.Configured;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>Where the list of tenants is kept. One of these; in memory, and empty, where none was called.</summary>
public static class TenantStoreExtensions
{
    /// <summary>Keeps the tenants in memory: these to begin with, and what the registry adds. The default, with none.</summary>
    /// <exception cref="MultiTenancyConfigurationException">The list of tenants is kept somewhere already.</exception>
    public static MultiTenancyBuilder UseTenants(this MultiTenancyBuilder tenancy, params Tenant[] tenants)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        ArgumentNullException.ThrowIfNull(tenants);
        return tenancy.AddMemoryStore(
            "UseTenants", services => new MemoryTenantStore(tenants, services.GetRequiredService<IOptions<TenantNamingOptions>>().Value));
    }

    /// <summary>
    /// Takes the tenants from configuration: an entry per tenant, named by its id (or with an <c>Id</c> of its own), with <c>State</c>,
    /// <c>Name</c>, <c>Plan</c>, <c>Region</c>, <c>Tags</c> and <c>Placement</c> (<c>Isolation</c>, <c>Server</c>, <c>Database</c>, <c>Schema</c>), all of them optional. A change of the
    /// configuration replaces the list as a whole; one that is broken or empty is logged as a warning, and the list stays as it was.
    /// </summary>
    /// <remarks>
    /// The list is read-only: asking for <see cref="ITenantRegistry"/> throws <see cref="MultiTenancyConfigurationException"/>. A broken or
    /// empty list stops the application at start-up with the same exception, which names the entry.
    /// </remarks>
    /// <exception cref="MultiTenancyConfigurationException">The list of tenants is kept somewhere already.</exception>
    public static MultiTenancyBuilder UseTenants(this MultiTenancyBuilder tenancy, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        ArgumentNullException.ThrowIfNull(section);
        return tenancy.AddMemoryStore("UseTenants", services => new ConfigurationTenantStore(
            section,
            new TenantSectionReader(
                services.GetRequiredService<IOptions<TenantNamingOptions>>().Value,
                services.GetService<DatabaseProvider>() is null ? null : services.GetRequiredService<TenantPlacer>(),
                services.GetServices<NpgsqlServer>()),
            services.GetRequiredService<ILogger<ConfigurationTenantStore>>()));
    }

    /// <summary>
    /// Keeps the tenants in a table of a PostgreSQL database, cached in the process (<see cref="MultiTenancyOptions.CacheDuration"/>). Schema
    /// and table are made when the list is first used, by whichever process comes first; that needs a role that may create a schema.
    /// </summary>
    /// <param name="tenancy">What <c>AddMultiTenancy</c> configures.</param>
    /// <param name="connectionString">The catalog's database; null (the default) takes the server and database of <c>UseNpgsql</c>.</param>
    /// <param name="schema">A schema for the catalog alone; <c>freehold</c> by default, an id no tenant can have.</param>
    /// <exception cref="MultiTenancyConfigurationException">The list of tenants is kept somewhere already.</exception>
    public static MultiTenancyBuilder UsePostgresCatalog(this MultiTenancyBuilder tenancy, string? connectionString = null, string schema = "freehold")
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        ArgumentException.ThrowIfNullOrEmpty(schema);
        return tenancy.AddCachedStore("UsePostgresCatalog", services => new PostgresTenantCatalog(
            CatalogServer.Open(connectionString, services.GetServices<NpgsqlServer>()),
            CatalogServer.Checked(schema, services.GetRequiredService<IOptions<TenantNamingOptions>>().Value)));
    }

    /// <summary>
    /// Asks a store of your own, cached in the process (<see cref="MultiTenancyOptions.CacheDuration"/>). One instance serves the application:
    /// open scopes, contexts and connections per call. If it implements <see cref="ITenantRegistry"/>, it is that too.
    /// </summary>
    /// <remarks>It is asked outside any tenant, and once for all who ask for the same id at the same time.</remarks>
    /// <exception cref="MultiTenancyConfigurationException">The list of tenants is kept somewhere already.</exception>
    public static MultiTenancyBuilder UseTenantStore<TStore>(this MultiTenancyBuilder tenancy) where TStore : class, ITenantStore
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        return tenancy.AddCachedStore($"UseTenantStore<{typeof(TStore).Name}>", services => ActivatorUtilities.CreateInstance<TStore>(services));
    }
}
