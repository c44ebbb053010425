using System.Data;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Archiving;

/// <summary>Writes the rows of a place on PostgreSQL, as one snapshot shows them: a file of COPY's text format for each table.</summary>
internal sealed class NpgsqlArchiver(NpgsqlConnection connection, Site site, NpgsqlContent content, int timeout)
{
    private const string PatienceSql = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

    private const string SequencesSql = """
        SELECT pg_catalog.array_agg(n.nspname::text ORDER BY n.nspname, c.relname), pg_catalog.array_agg(c.relname::text ORDER BY n.nspname, c.relname)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname = ANY ($1)
        """;

    public async Task<ArchiveManifest> WriteAsync(ArchiveFile file, IReadOnlyList<ContextScripts> contexts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        await connection.ExecuteAsync($"SET TRANSACTION READ ONLY; {PatienceSql}; {content.SettingsSql}", timeout, cancellationToken).ConfigureAwait(false);
        await content.RememberAsync(connection, timeout, cancellationToken).ConfigureAwait(false);
        var tables = new List<ArchivedTable>();
        foreach (var table in content.Tables)
        {
            tables.Add(await TableAsync(file, table, content.Rows(tables.Count), $"tables/{tables.Count:0000}.copy", cancellationToken).ConfigureAwait(false));
        }

        return new()
        {
            CreatedAt = now,
            Server = $"PostgreSQL {connection.PostgreSqlVersion}",
            Tenant = ArchivedTenant.Of(site.Tenant!, site.Placement!.Isolation),
            Migrations = await HistoriesAsync(contexts, cancellationToken).ConfigureAwait(false),
            Tables = tables,
            Sequences = site.IsByRow ? [] : await SequencesAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<ArchivedTable> TableAsync(ArchiveFile file, NpgsqlContent.Table table, long rows, string name, CancellationToken cancellationToken)
    {
        var columns = string.Join(", ", table.Columns.Select(column => SqlText.Identifier(column.Name)));
        var reader = await connection.BeginTextExportAsync($"COPY (SELECT {columns} {content.From(table)}) TO STDOUT (ENCODING 'UTF8')", cancellationToken).ConfigureAwait(false);
        using var closing = reader;

        // As the server sends it: decoding and encoding would only cost.
        var data = await file.AddAsync(name, ((StreamReader)reader).BaseStream, hasLines: true, cancellationToken).ConfigureAwait(false);
        return new(table.Schema, table.Name, table.Columns, rows, data);
    }

    private async Task<IReadOnlyList<ArchivedHistory>> HistoriesAsync(IReadOnlyList<ContextScripts> contexts, CancellationToken cancellationToken)
    {
        var histories = new List<ArchivedHistory>();
        foreach (var context in contexts.Where(context => context.IdColumn is not null))
        {
            var table = SqlText.Identifier(context.History);
            if (await connection.RowAsync("SELECT pg_catalog.to_regclass($1)::text", cancellationToken, table).ConfigureAwait(false) is [string])
            {
                var row = await connection.RowAsync($"SELECT pg_catalog.array_agg({SqlText.Identifier(context.IdColumn!)}::text ORDER BY 1) FROM {table}", cancellationToken).ConfigureAwait(false);
                histories.Add(new(context.Name, context.History, row is [string[] ids] ? [.. ids.Intersect(context.Ids, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)] : []));
            }
        }

        return histories;
    }

    private async Task<IReadOnlyList<ArchivedSequence>> SequencesAsync(CancellationToken cancellationToken)
    {
        object schemas = content.Tables.Select(table => table.Schema).Distinct().ToArray();
        if (await connection.RowAsync(SequencesSql, cancellationToken, schemas).ConfigureAwait(false) is not [string[] owners, string[] names])
        {
            return [];
        }

        var sequences = new List<ArchivedSequence>();
        foreach (var (schema, name) in owners.Zip(names))
        {
            var row = await connection.RowAsync($"SELECT last_value, is_called FROM {SqlText.Identifier(schema)}.{SqlText.Identifier(name)}", cancellationToken).ConfigureAwait(false);
            sequences.Add(new(schema, name, (long)row![0]!, (bool)row[1]!));
        }

        return sequences;
    }
}
