using Freehold.Core.Placement;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Migrating;

/// <summary>
/// What a migration with steps outside transactions has done so far, in the database where it does it: so a step in a transaction is recorded by that
/// transaction. A step outside is recorded before and after; where only the first is there, it may have left something (the place is dirty).
/// </summary>
internal static class StepJournal
{
    public const string Schema = "freehold_operations";
    public const string Table = Schema + ".migration_steps";

    private const string CreateSql = $"""
        BEGIN;
        SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('{Table}', 0));
        CREATE SCHEMA IF NOT EXISTS {Schema};
        CREATE TABLE IF NOT EXISTS {Table} (
            schema text NOT NULL, history text NOT NULL, migration text NOT NULL, step integer NOT NULL,
            is_done boolean NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (schema, history, migration, step));
        COMMIT
        """;

    // An index that is not valid, in the place, and that the step's own text names: REINDEX makes one with a suffix.
    private const string LeftSql = """
        SELECT array_agg(c.oid::pg_catalog.regclass::text) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
        WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = pg_catalog.to_regnamespace($1)
          AND pg_catalog.strpos($2, pg_catalog.regexp_replace(c.relname, '_cc(new|old)[0-9]*$', '')) > 0
        """;

    /// <summary>Makes the table in the connection's database, if it is missing: each time, for a database may have been dropped and made anew.</summary>
    public static async Task EnsureAsync(NpgsqlConnection connection, int timeout, CancellationToken cancellationToken)
    {
        if (await connection.RowAsync($"SELECT pg_catalog.to_regclass('{Table}') IS NOT NULL", cancellationToken).ConfigureAwait(false) is not [true])
        {
            await connection.ExecuteAsync(CreateSql, timeout, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The steps of a migration that were begun: by number, whether each was done.</summary>
    public static async Task<IReadOnlyDictionary<int, bool>> ReadAsync(NpgsqlConnection connection, StepKey key, CancellationToken cancellationToken)
    {
        var row = await connection.RowAsync(
            $"SELECT array_agg(step), array_agg(is_done) FROM {Table} WHERE schema = $1 AND history = $2 AND migration = $3",
            cancellationToken, key.Schema, key.History, key.Migration).ConfigureAwait(false);
        return row is [int[] steps, bool[] done] ? steps.Zip(done).ToDictionary(pair => pair.First, pair => pair.Second) : new Dictionary<int, bool>();
    }

    /// <summary>Whether a table of the schema is there and the role may read it: another role's, of another application in the database, is nothing to it.</summary>
    public static string CanReadSql(string table) => CanSql(table, "SELECT");

    /// <summary>Forgets all steps in a schema, where the role may: they were of an earlier one of that name. Belongs to the transaction that drops or makes the schema.</summary>
    public static string ForgetSchemaSql(string schema)
    {
        var delete = SqlText.Literal($"DELETE FROM {Table} WHERE schema = {SqlText.Literal(schema)}");
        return $"DO LANGUAGE plpgsql {SqlText.Literal($"BEGIN IF {CanReadSql(Table)} AND {CanSql(Table, "DELETE")} THEN EXECUTE {delete}; END IF; END")}";
    }

    /// <summary>The moves of a history of which a step was begun and that did not come to their end.</summary>
    public static async Task<IReadOnlyList<MigrationMove>> InterruptedAsync(NpgsqlConnection connection, string schema, string history, CancellationToken cancellationToken)
    {
        if (await connection.RowAsync($"SELECT {CanReadSql(Table)}", cancellationToken).ConfigureAwait(false) is not [true])
        {
            return [];
        }

        var row = await connection.RowAsync(
            $"SELECT array_agg(DISTINCT migration) FROM {Table} WHERE schema = $1 AND history = $2", cancellationToken, schema, history).ConfigureAwait(false);
        return row is [string[] names] ? [.. names.Select(StepKey.Move)] : [];
    }

    /// <summary>Records a step, as begun or done.</summary>
    public static string RecordSql(StepKey key, int step, bool isDone) => $"""
        INSERT INTO {Table} VALUES ({key.Literals}, {step}, {(isDone ? "true" : "false")})
        ON CONFLICT (schema, history, migration, step) DO UPDATE SET is_done = excluded.is_done, at = now();
        """;

    /// <summary>Forgets a migration's steps, when its history row is written.</summary>
    public static string ForgetSql(StepKey key) => $"DELETE FROM {Table} WHERE (schema, history, migration) = ({key.Literals});";

    /// <summary>Forgets one step, which did nothing.</summary>
    public static string ForgetSql(StepKey key, int step) => $"DELETE FROM {Table} WHERE (schema, history, migration, step) = ({key.Literals}, {step});";

    private static string CanSql(string table, string right) => $"""
        EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = '{table[(Schema.Length + 1)..]}' AND n.nspname = '{Schema}'
            AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, '{right}'))
        """;

    /// <summary>Drops what an interrupted step may have left: indexes that it names and that are not valid.</summary>
    /// <returns>Their names.</returns>
    public static async Task<IReadOnlyList<string>> RepairAsync(NpgsqlConnection connection, StepKey key, string sql, int timeout, CancellationToken cancellationToken)
    {
        var row = await connection.RowAsync(LeftSql, cancellationToken, SqlText.Identifier(key.Schema), sql).ConfigureAwait(false);
        if (row is not [string[] indexes])
        {
            return [];
        }

        foreach (var index in indexes)
        {
            await connection.ExecuteAsync($"DROP INDEX CONCURRENTLY IF EXISTS {index}", timeout, cancellationToken).ConfigureAwait(false);
        }

        return indexes;
    }
}

/// <summary>Whose steps.</summary>
internal sealed record StepKey(string Schema, string History, string Migration)
{
    private const string Down = "down ";

    public StepKey(string schema, string history, MigrationMove move) : this(schema, history, move.IsDown ? Down + move.Id : move.Id)
    {
    }

    public string Literals => $"{SqlText.Literal(Schema)}, {SqlText.Literal(History)}, {SqlText.Literal(Migration)}";

    /// <summary>The move that a name in the journal means.</summary>
    public static MigrationMove Move(string name) => name.StartsWith(Down, StringComparison.Ordinal) ? new(name[Down.Length..], IsDown: true) : new(name, IsDown: false);
}
