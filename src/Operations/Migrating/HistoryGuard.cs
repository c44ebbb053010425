using System.Globalization;
using Freehold.Core.Placement;
using Freehold.Operations.Places;

namespace Freehold.Operations.Migrating;

/// <summary>What has to be so at the beginning of a transaction that was put together before.</summary>
internal static class HistoryGuard
{
    /// <summary>
    /// Ends the transaction where unqualified names mean another place, another session works there, or a history is not as expected (null: its table is not
    /// there). Keeps others out until the transaction ends.
    /// </summary>
    public static string Sql(string database, string schema, IReadOnlyList<(ContextScripts Context, IReadOnlySet<string>? History)> expected)
    {
        var key = AdvisoryLock.WorkKey(database, schema).ToString(CultureInfo.InvariantCulture);
        var conditions = expected.Select(history => Refuse(Differs(schema, history.Context, history.History), "a history has changed"))
            .Prepend(Refuse($"NOT pg_catalog.pg_try_advisory_xact_lock({key})", "another session works there"))
            .Prepend(Refuse($"current_schema() IS DISTINCT FROM {SqlText.Literal(schema)}", "the schema is missing"));
        return $"DO LANGUAGE plpgsql {SqlText.Literal($"BEGIN {string.Join(' ', conditions)} END")};";
    }

    private static string Refuse(string condition, string because) => $"IF {condition} THEN RAISE EXCEPTION '{because}'; END IF;";

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
