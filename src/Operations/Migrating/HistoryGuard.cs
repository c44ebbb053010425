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
    /// there). Keeps others out until the transaction ends, and makes the place's settings its own.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="place">The place.</param>
    /// <param name="expected">The histories as they were.</param>
    /// <param name="isWhole">Whether nothing may have been interrupted, either.</param>
    public static string Sql(string database, PlaceOfWork place, IReadOnlyList<(ContextScripts Context, IReadOnlySet<string>? History)> expected, bool isWhole = true)
    {
        var set = place.Settings.Count == 0 ? "" : $"PERFORM {string.Join(", ", place.Settings.Select(setting => $"pg_catalog.set_config('{setting.Name}', {SqlText.Literal(setting.Value)}, true)"))};";
        IEnumerable<string> conditions =
        [
            .. place.Creation?.Hindrances.Select(hindrance => Refuse(hindrance, "it cannot be made at once"))
                ?? [Refuse($"current_schema() IS DISTINCT FROM {SqlText.Literal(place.Schema)}", "the schema is missing")],
            .. place.Key is { } key ? [Refuse(IsLocked(key), "another operation holds its lock")] : (string[])[],
            Refuse(IsLocked(AdvisoryLock.WorkKey(database, place.Schema)), "another session works there"),
            .. expected.Select(history => Refuse(Differs(place.Schema, history.Context, history.History), "a history has changed")),
        ];
        return $"DO LANGUAGE plpgsql {SqlText.Literal($"BEGIN {set} {string.Join(' ', conditions)} {(isWhole ? Whole(place.Schema) : "")} END")};{place.Creation?.Sql}";
    }

    private static string IsLocked(long key) => string.Create(CultureInfo.InvariantCulture, $"NOT pg_catalog.pg_try_advisory_xact_lock({key})");

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
