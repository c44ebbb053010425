using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Freehold.Operations.Places;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;

namespace Freehold.Operations.Migrating;

/// <summary>
/// Which SQL a migration was when it was first applied in a database, as a hash, so that one that was edited later is noticed. Written once for each database and
/// version of what generates SQL; two of different versions are not compared.
/// </summary>
internal sealed class AppliedSql(MigrationScripts scripts, IOptions<TenantOperationsOptions> options, ILogger<AppliedSql> logger)
{
    public const string Table = StepJournal.Schema + ".migration_sql";

    private const string CreateSql = $"""
        BEGIN;
        SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('{StepJournal.Table}', 0));
        CREATE SCHEMA IF NOT EXISTS {StepJournal.Schema};
        CREATE TABLE IF NOT EXISTS {Table} (
            kind text NOT NULL, context text NOT NULL, migration text NOT NULL, generator text NOT NULL, hash text NOT NULL,
            first_applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (kind, context, migration, generator));
        COMMIT
        """;

    // PublicKeyToken and commit are no versions.
#pragma warning disable EF1001 // Only its assembly.
    private static readonly string Generator =
        $"EF {ProductInfo.GetVersion()}, Npgsql {VersionOf(typeof(INpgsqlSingletonOptions).Assembly)}, Freehold {VersionOf(typeof(AppliedSql).Assembly)}";
#pragma warning restore EF1001

    private readonly ConcurrentDictionary<(string Database, string Kind, string Context, string Migration), bool> _recorded = new();

    /// <summary>Records what was applied to a site, where it was the first of its database. Never fails: what is not recorded is not compared.</summary>
    public async Task RecordAsync(Site site, DbConnection connection, IReadOnlyList<TenantMigration> done)
    {
        if (connection is not NpgsqlConnection npgsql)
        {
            return;
        }

        var database = Name(npgsql);
        var news = done.Where(migration => !migration.IsReverted).Select(migration => (migration.Context, migration.Id)).ToHashSet();
        var keys = scripts.Of(site, connection).SelectMany(context => context.Ids.Where(id => news.Contains((context.Name, id))).Select(id => (Context: context, Id: id)))
            .Where(key => !_recorded.ContainsKey((database, KindOf(site), key.Context.FullName, key.Id))).ToArray();
        if (keys.Length == 0)
        {
            return;
        }

        try
        {
            await WriteAsync(npgsql, site, keys, "NOTHING").ConfigureAwait(false);
        }
        catch (DbException failure)
        {
            logger.SqlNotRecorded(npgsql.Database, failure);
        }

        // Not tried again where it failed: a role that lacks a right would fail for each tenant.
        foreach (var (context, id) in keys)
        {
            _recorded[(database, KindOf(site), context.FullName, id)] = true;
        }
    }

    /// <summary>Records the SQL of now instead of what was recorded.</summary>
    public Task ReplaceAsync(Site site, NpgsqlConnection connection, IReadOnlyList<TenantMigration> migrations) => WriteAsync(
        connection,
        site,
        [.. scripts.Of(site, connection).SelectMany(context => context.Ids.Where(id => migrations.Contains(new(context.Name, id))).Select(id => (context, id)))],
        "UPDATE SET hash = excluded.hash, first_applied_at = now()");

    /// <summary>Compares what is recorded in a database with the SQL of now.</summary>
    /// <param name="site">One of a kind of place there.</param>
    /// <param name="connection">To the database.</param>
    /// <param name="records">What was read of <see cref="Table"/>: kind, context, migration, generator, hash, and when.</param>
    public IEnumerable<(TenantMigration Migration, string History, DateTimeOffset FirstAppliedAt)> Differing(
        Site site, NpgsqlConnection connection, IReadOnlyList<string[]> records)
    {
        foreach (var context in scripts.Of(site, connection))
        {
            foreach (var record in records.Where(record => record[0] == KindOf(site) && record[1] == context.FullName && record[3] == Generator && context.Ids.Contains(record[2])))
            {
                if (HashOf(context, record[2], site, connection) is { } hash && hash != record[4])
                {
                    yield return (new(context.Name, record[2]), context.History, DateTimeOffset.Parse(record[5], CultureInfo.InvariantCulture));
                }
            }
        }
    }

    private static string KindOf(Site site) => site.Tenant is null ? "shared" : site.IsByRow ? "rows" : "own";

    private static string Name(NpgsqlConnection connection) => $"{connection.Host}:{connection.Port}/{connection.Database}";

    private static string VersionOf(Assembly assembly) =>
        (assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? $"{assembly.GetName().Version}").Split('+')[0];

    // What cannot be generated any more cannot be compared; who needs it gets the error then.
    private string? HashOf(ContextScripts context, string id, Site site, DbConnection connection)
    {
        try
        {
            return scripts.Described(context, [new(id, IsDown: false)], site, connection)[0].Hash;
        }
#pragma warning disable CA1031 // The code of a migration is the user's.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            logger.SqlNotCompared(id, context.Name, failure);
            return null;
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection, Site site, IReadOnlyList<(ContextScripts Context, string Id)> keys, string otherwise)
    {
        if (await connection.RowAsync($"SELECT pg_catalog.to_regclass('{Table}') IS NOT NULL", CancellationToken.None).ConfigureAwait(false) is not [true])
        {
            await connection.ExecuteAsync(CreateSql, options.Value.CommandTimeoutSeconds, CancellationToken.None).ConfigureAwait(false);
        }

        var hashed = keys.Select(key => (key.Context, key.Id, Hash: HashOf(key.Context, key.Id, site, connection))).Where(key => key.Hash is not null).ToArray();
        await connection.RowAsync(
            $"""
            INSERT INTO {Table} (kind, context, migration, generator, hash)
            SELECT $1, context, migration, $2, hash FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5)) AS applied (context, migration, hash)
            ON CONFLICT (kind, context, migration, generator) DO {otherwise}
            """,
            CancellationToken.None,
            KindOf(site), Generator, hashed.Select(key => key.Context.FullName).ToArray(), hashed.Select(key => key.Id).ToArray(), hashed.Select(key => key.Hash!).ToArray()).ConfigureAwait(false);
    }
}
