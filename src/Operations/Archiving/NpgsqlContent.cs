using System.Data.Common;
using System.Globalization;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Archiving;

/// <summary>The tables of a place on PostgreSQL that hold a tenant's rows, and by what one tells that the rows were changed.</summary>
internal sealed class NpgsqlContent(Site site, string tenantColumn, IReadOnlyList<NpgsqlContent.Table> tables)
{
    // A whole database has schemas, Freehold's journal among them; what an extension made it makes again.
    private const string TablesSql = $"""
        SELECT n.nspname::text, c.relname::text, c.relkind = 'p', a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
            AND CASE WHEN $1 THEN n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '{StepJournal.Schema}') ELSE n.oid = current_schema()::pg_catalog.regnamespace END
            AND ($2 = '' OR EXISTS (SELECT FROM pg_catalog.pg_attribute t WHERE t.attrelid = c.oid AND t.attname = $2 AND NOT t.attisdropped))
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 1, 2, a.attnum
        """;

    // The text of values, whatever the server's defaults are: what COPY FROM reads anywhere, and what two sessions can compare.
    private const string FormatsSql = """
        SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'; SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1
        """;

    // For each table the number of rows, and a sum over all of them in which their order does not count.
    private string[] _fingerprints = [];

    public IReadOnlyList<Table> Tables => tables;

    /// <summary>Looks which tables there are. The connection's search path is the site's.</summary>
    public static async Task<NpgsqlContent> OfAsync(NpgsqlConnection connection, Site site, string tenantColumn, CancellationToken cancellationToken)
    {
        var tables = new List<Table>();
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = TablesSql;
        command.Parameters.Add(new() { Value = site.Placement!.Isolation == Isolation.Database });
        command.Parameters.Add(new() { Value = site.IsByRow ? tenantColumn : "" });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var (schema, name) = (reader.GetString(0), reader.GetString(1));
            if (tables is not [.., var table] || (table.Schema, table.Name) != (schema, name))
            {
                tables.Add(table = new Table(schema, name, reader.GetBoolean(2), []));
            }

            if (!reader.IsDBNull(3))
            {
                table.Columns.Add(new(reader.GetString(3), reader.GetString(4)));
            }
        }

        return new(site, tenantColumn, tables);
    }

    /// <summary>What makes a session see all rows of the tenant, or fail, and write values as any other session does; for the rest of a transaction.</summary>
    public string SettingsSql => $"{FormatsSql}; " + (site.IsByRow
        ? $"SELECT pg_catalog.set_config('{TenantSetting.Name}', {SqlText.Literal(site.Id!.Value.Value)}, true)"
        : "SET LOCAL row_security = off");

    /// <summary>The rows of a table, as the end of a query.</summary>
    public string From(Table table) => $"FROM {(table.IsPartitioned ? "" : "ONLY ")}{table.Sql}"
        + (site.IsByRow ? $" WHERE {SqlText.Identifier(tenantColumn)} = {SqlText.Literal(site.Id!.Value.Value)}" : "");

    /// <summary>Remembers what the tables hold, as the transaction sees it.</summary>
    public async Task RememberAsync(DbConnection connection, int timeout, CancellationToken cancellationToken) =>
        _fingerprints = await FingerprintsAsync(connection, timeout, cancellationToken).ConfigureAwait(false);

    /// <summary>How many rows a table had.</summary>
    public long Rows(int table) => long.Parse(_fingerprints[table].AsSpan(0, _fingerprints[table].IndexOf(':', StringComparison.Ordinal)), CultureInfo.InvariantCulture);

    /// <summary>Whether they hold the same still, as the transaction sees it, and no table has come.</summary>
    public async Task<bool> IsSameAsync(NpgsqlConnection connection, int timeout, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(SettingsSql, timeout, cancellationToken).ConfigureAwait(false);
        var now = await OfAsync(connection, site, tenantColumn, cancellationToken).ConfigureAwait(false);
        return now.Tables.Select(table => table.Sql).SequenceEqual(tables.Select(table => table.Sql))
            && (await FingerprintsAsync(connection, timeout, cancellationToken).ConfigureAwait(false)).SequenceEqual(_fingerprints);
    }

    /// <summary>Keeps everybody out of the tables, for the rest of a transaction.</summary>
    public string LockSql => tables.Count == 0 ? "SELECT" : $"LOCK TABLE {string.Join(", ", tables.Select(table => table.Sql))} IN ACCESS EXCLUSIVE MODE";

    private async Task<string[]> FingerprintsAsync(DbConnection connection, int timeout, CancellationToken cancellationToken)
    {
        if (tables.Count == 0)
        {
            return [];
        }

        var parts = tables.Select((table, i) =>
            $"SELECT {i} AS i, pg_catalog.count(*) || ':' || coalesce(pg_catalog.sum(pg_catalog.hashtextextended(t::text, 0)), 0) AS f FROM (SELECT * {From(table)}) AS t");
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = $"SELECT pg_catalog.array_agg(f ORDER BY i) FROM ({string.Join(" UNION ALL ", parts)}) AS tables";
        command.CommandTimeout = timeout;
        return (string[])(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>A table and its columns, without generated ones.</summary>
    internal sealed record Table(string Schema, string Name, bool IsPartitioned, List<ArchivedColumn> Columns)
    {
        public string Sql => $"{SqlText.Identifier(Schema)}.{SqlText.Identifier(Name)}";
    }
}
