using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Npgsql;

namespace Freehold.Core.Stores.Catalog;

/// <summary>Where the catalog is, with what can be known to be wrong before it is asked.</summary>
internal static class CatalogServer
{
    // Few are needed, because answers are cached; and its own, because admission must not queue behind the tenants' work.
    private const int MaxPoolSize = 10;

    /// <summary>A data source for the catalog alone: on that connection string, or on the default server.</summary>
    public static NpgsqlDataSource Open(string? connectionString, IEnumerable<NpgsqlServer> servers)
    {
        var server = connectionString is not null
            ? new NpgsqlServer("catalog", connectionString, Configure: null, new NpgsqlServerOptions())
            : servers.FirstOrDefault(known => known.Name == TenantPlacement.DefaultServer) ?? throw new MultiTenancyConfigurationException(
                "UsePostgresCatalog has no connection string, and there is no UseNpgsql whose server it could take. Give it one.");
        foreach (var defect in server.Defects())
        {
            throw new MultiTenancyConfigurationException(defect);
        }

        return (server with { Configure = server.Configure + Limit }).Open(database: null, SqlText.Identifier(NpgsqlServer.Nobody));
    }

    /// <summary>The name of a schema that can be the catalog's alone.</summary>
    public static string Checked(string schema, TenantNamingOptions naming)
    {
        var defect =
            schema.Length > TenantNamingOptions.MaxNameBytes || schema.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
                ? "use 1 to 63 ASCII letters, digits, - and _"
            : schema.StartsWith("pg_", StringComparison.OrdinalIgnoreCase) || schema is "public" or "information_schema" ? "that schema is not the catalog's alone"
            : schema == naming.SharedSchema || schema == naming.TypesSchema || schema == naming.RowSchema ? "tenants' sessions reach that schema"
            : naming.OwnerOf(schema, naming.SchemaTemplate) is not null ? "TenantNamingOptions.SchemaTemplate gives that schema to a tenant"
            : null;
        return defect is null
            ? schema
            : throw new MultiTenancyConfigurationException($"The schema '{schema}' in UsePostgresCatalog cannot be used: {defect}. Choose another.");
    }

    private static void Limit(NpgsqlDataSourceBuilder builder)
    {
        var settings = builder.ConnectionStringBuilder;
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, MaxPoolSize);
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, settings.MaxPoolSize);
    }
}
