using System.Data;
using System.Data.Common;
using System.Globalization;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Drift;
using Freehold.Operations.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Freehold.Operations.Seeding;

/// <summary>
/// What was applied to a tenant: a table in the tenant's own place, so that it is where the data is, also when that is copied or restored. Where tenants can be isolated
/// by row it has their column, and a policy in a place of rows.
/// </summary>
internal sealed class SeedJournal(
    TenantPlaces places, DatabaseProvider provider, IOptions<MultiTenancyOptions> tenancy, IOptions<TenantNamingOptions> naming, IOptions<TenantOperationsOptions> options)
{
    private const string Table = $"{CatalogSql.OwnTables}Seeds";

    private const string ReadSql = $"""SELECT "Version", "Name" FROM "{Table}" """;

    private const string SqliteSql = $"""
        CREATE TABLE IF NOT EXISTS "{Table}" ("Version" INTEGER NOT NULL PRIMARY KEY, "Name" TEXT NOT NULL, "AppliedAt" TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)
        """;

    /// <summary>Records a seed in the context's transaction. False where it is recorded; waits for who is about to.</summary>
    public static async Task<bool> ClaimAsync(DbContext context, SeedRegistration seed, CancellationToken cancellationToken) => await context.Database.ExecuteSqlRawAsync(
        $$"""INSERT INTO "{{Table}}" ("Version", "Name") VALUES ({0}, {1}) ON CONFLICT DO NOTHING""", [seed.Version, seed.Name], cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>The names of the seeds that the tenant has, by version.</summary>
    /// <param name="site">The tenant.</param>
    /// <param name="create">Whether to make the table where it is missing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyDictionary<int, string>> ReadAsync(Site site, bool create, CancellationToken cancellationToken)
    {
        var connection = await places.OpenAsync(site, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        if (connection.State != ConnectionState.Open)
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!await ExistsAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            if (create)
            {
                await connection.ExecuteAsync(provider.HasSchemas ? NpgsqlSql(site) : SqliteSql, options.Value.CommandTimeoutSeconds, cancellationToken).ConfigureAwait(false);
            }

            return new Dictionary<int, string>();
        }

        if (provider.HasSchemas)
        {
            await connection.RowAsync("SELECT pg_catalog.set_config($1, $2, false)", cancellationToken, TenantSetting.Name, site.Id!.Value.Value).ConfigureAwait(false);
        }

        return await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Dictionary<int, string>> ReadAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = ReadSql;
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var applied = new Dictionary<int, string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            applied.Add(reader.GetInt32(0), reader.GetString(1));
        }

        return applied;
    }

    private async Task<bool> ExistsAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = provider.HasSchemas
            ? $"SELECT count(pg_catalog.to_regclass('\"{Table}\"'))"
            : $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{Table}'";
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture) > 0;
    }

    // In turns: two that create one table at once fail, although both say IF NOT EXISTS. All of it is one transaction.
    private string NpgsqlSql(Site site)
    {
        var column = SqlText.Identifier(naming.Value.TenantColumn);
        var (own, key) = tenancy.Value.HasRow
            ? ($"{column} varchar({TenantNamingOptions.MaxNameBytes}) NOT NULL DEFAULT {TenantSetting.Value}, ", $"{column}, \"Version\"")
            : ("", "\"Version\"");
        return $"""
            SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('freehold:seeds:' || current_schema(), 0));
            CREATE TABLE IF NOT EXISTS "{Table}" (
                {own}"Version" int NOT NULL, "Name" text NOT NULL, "AppliedAt" timestamptz NOT NULL DEFAULT pg_catalog.now(), PRIMARY KEY ({key}));
            {(site.IsByRow ? RowPolicies.ProtectSql(naming.Value.TenantColumn) : "")}
            """;
    }
}
