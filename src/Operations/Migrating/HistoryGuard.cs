using System.Globalization;
using Freehold.Core.Placement;
using Freehold.Operations.Places;

namespace Freehold.Operations.Migrating;

/// <summary>What has to be so at the beginning of a transaction that was put together before.</summary>
internal static class HistoryGuard
{
    /// <summary>The SQLSTATE of what the guard refuses.</summary>
    public const string NotAsPlanned = "FH001";

    /// <summary>
    /// Ends the transaction where unqualified names mean another place, another session works there, or a history is not as expected (null: its table is not
    /// there). Keeps others out until the transaction ends.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="schema">The place.</param>
    /// <param name="expected">The histories as they were.</param>
    /// <param name="isWhole">Whether nothing may have been interrupted, either.</param>
    public static string Sql(string database, string schema, IReadOnlyList<(ContextScripts Context, IReadOnlySet<string>? History)> expected, bool isWhole = true)
    {
        var key = AdvisoryLock.WorkKey(database, schema).ToString(CultureInfo.InvariantCulture);
        var conditions = expected.Select(history => Refuse(Differs(schema, history.Context, history.History), "a history has changed"))
            .Prepend(Refuse($"NOT pg_catalog.pg_try_advisory_xact_lock({key})", "another session works there"))
            .Prepend(Refuse($"current_schema() IS DISTINCT FROM {SqlText.Literal(schema)}", "the schema is missing"));
        return $"DO LANGUAGE plpgsql {SqlText.Literal($"BEGIN {string.Join(' ', conditions)} {(isWhole ? Whole(schema) : "")} END")};";
    }

    private static string Refuse(string condition, string because) => $"IF {condition} THEN RAISE EXCEPTION '{because}' USING ERRCODE = '{NotAsPlanned}'; END IF;";

    // Also a step of a migration that the history has: one of its Down. A statement of a block is not looked at before its turn, so the table may be missing.
    private static string Whole(string schema) =>
        $"IF {StepJournal.CanReadSql(StepJournal.Table)} THEN "
        + Refuse($"EXISTS (SELECT FROM {StepJournal.Table} WHERE schema = {SqlText.Literal(schema)})", "a step was interrupted") + " END IF;";

    private static string Differs(string schema, ContextScripts context, IReadOnlySet<string>? history)
    {
        var table = $"{SqlText.Identifier(schema)}.{SqlText.Identifier(context.History)}";
        var id = $"{SqlText.Identifier(context.IdColumn!)}::text";
        return history is null
            ? $"pg_catalog.to_regclass({SqlText.Literal(table)}) IS NOT NULL"
            : $"(SELECT coalesce(array_agg({id} ORDER BY {id} COLLATE \"C\"), ARRAY[]::text[]) FROM {table}) "
                + $"<> ARRAY[{string.Join(", ", history.Order(StringComparer.Ordinal).Select(SqlText.Literal))}]::text[]";
    }
}
