using System.Data.Common;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Npgsql;

namespace Freehold.Operations.Running;

/// <summary>The history tables of all schemas of a database, in one query.</summary>
internal static class HistoryReader
{
    private const string Usable = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')";

    /// <summary>
    /// Reads them inside the server, schema by schema, and answers with each set of ids once. In transactions of some hundred tables each, because each table
    /// read is a lock until its transaction ends, and a server has room for a few thousand.
    /// </summary>
    public static async Task<DatabaseHistories> ReadAsync(NpgsqlConnection connection, IEnumerable<ContextScripts> contexts, CancellationToken cancellationToken)
    {
        var tables = contexts.Where(context => context.IdColumn is not null).Select(context => (context.History, IdColumn: context.IdColumn!)).Distinct().ToArray();
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = Sql(tables);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        var found = new DatabaseHistories();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            await AddAsync(found, reader, cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    // Kinds of rows: a schema that can be used, one where a step of a history's migration was interrupted, what SQL a migration was, and the ids (one to a line) of
    // a history.
    private static async Task AddAsync(DatabaseHistories found, DbDataReader reader, CancellationToken cancellationToken)
    {
        var schemas = await reader.GetFieldValueAsync<string[]>(2, cancellationToken).ConfigureAwait(false);
        switch (reader.GetString(0))
        {
            case "":
                found.Schemas.UnionWith(schemas);
                break;
            case "dirty":
                foreach (var schema in schemas)
                {
                    found.Dirty.Add((schema, reader.GetString(1).Split('\n')));
                }

                break;
            case "sql":
                found.Sql.Add(reader.GetString(1).Split('\n'));
                break;
            case var history:
                var ids = reader.GetString(1).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
                found.Sets.Add((history["table ".Length..], ids));
                foreach (var schema in schemas)
                {
                    found.Applied[(schema, history["table ".Length..])] = ids;
                }

                break;
        }
    }

    private static string Sql((string History, string IdColumn)[] tables)
    {
        var wanted = tables.Length == 0
            ? "SELECT NULL::text, NULL::text WHERE false"
            : "VALUES " + string.Join(", ", tables.Select(table => $"({SqlText.Literal(table.History)}, {SqlText.Literal(table.IdColumn)})"));
        var body = $"""
            DECLARE
                t record; ids text; kinds text[]; lists text[]; schemas text[]; count int := 0;
            BEGIN
                SELECT array_agg(''::text), array_agg(''::text), array_agg(nspname::text) INTO kinds, lists, schemas
                FROM pg_catalog.pg_namespace n WHERE {Usable};
                -- From the tables to their schemas: the planner expects one table of that name, whatever their number.
                FOR t IN
                    SELECT n.nspname::text AS schema, c.relname::text AS history, w.id_column
                    FROM ({wanted}) AS w (history, id_column) JOIN pg_catalog.pg_class c ON c.relname = w.history AND c.relkind = 'r'
                        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE {Usable}
                LOOP
                    BEGIN
                        EXECUTE pg_catalog.format('SELECT coalesce(string_agg(%I::text, E''\n''), '''') FROM %I.%I', t.id_column, t.schema, t.history) INTO ids;
                        kinds := kinds || ('table ' || t.history); lists := lists || ids; schemas := schemas || t.schema;
                    EXCEPTION WHEN undefined_table OR undefined_column OR insufficient_privilege THEN
                    END;
                    count := count + 1;
                    IF count % 500 = 0 THEN
                        COMMIT;
                    END IF;
                END LOOP;
                IF {StepJournal.CanReadSql(StepJournal.Table)} THEN
                    FOR t IN EXECUTE 'SELECT DISTINCT schema, history, migration FROM {StepJournal.Table}' LOOP
                        kinds := kinds || 'dirty'::text; lists := lists || pg_catalog.concat_ws(E'\n', t.history, t.migration); schemas := schemas || t.schema;
                    END LOOP;
                END IF;
                IF {StepJournal.CanReadSql(AppliedSql.Table)} THEN
                    FOR t IN EXECUTE 'SELECT pg_catalog.concat_ws(E''\n'', kind, context, migration, generator, hash, pg_catalog.to_char(
                        first_applied_at AT TIME ZONE ''UTC'', ''YYYY-MM-DD"T"HH24:MI:SS.US"Z"'')) AS line FROM {AppliedSql.Table}' LOOP
                        kinds := kinds || 'sql'::text; lists := lists || t.line; schemas := schemas || ''::text;
                    END LOOP;
                END IF;
                PERFORM pg_catalog.set_config('freehold.kinds', coalesce(kinds, ARRAY[]::text[])::text, false), pg_catalog.set_config('freehold.lists', coalesce(lists, ARRAY[]::text[])::text, false),
                    pg_catalog.set_config('freehold.schemas', coalesce(schemas, ARRAY[]::text[])::text, false);
            END
            """;
        return $"""
            DO LANGUAGE plpgsql {SqlText.Literal(body)};
            SELECT kind, list, array_agg(DISTINCT schema) FROM ROWS FROM (
                pg_catalog.unnest(current_setting('freehold.kinds')::text[]), pg_catalog.unnest(current_setting('freehold.lists')::text[]),
                pg_catalog.unnest(current_setting('freehold.schemas')::text[])) AS found (kind, list, schema)
            GROUP BY kind, list
            """;
    }
}

/// <summary>What was found in a database.</summary>
internal sealed class DatabaseHistories
{
    public HashSet<string> Schemas { get; } = [];

    /// <summary>Of each schema the history and the name of a move of which a step was begun.</summary>
    public List<(string Schema, string[] HistoryAndMove)> Dirty { get; } = [];

    /// <summary>What SQL migrations were: the columns of <see cref="AppliedSql.Table"/>.</summary>
    public List<string[]> Sql { get; } = [];

    /// <summary>Each different set of ids of a history, once.</summary>
    public List<(string History, IReadOnlySet<string> Ids)> Sets { get; } = [];

    public Dictionary<(string Schema, string History), IReadOnlySet<string>> Applied { get; } = [];
}
