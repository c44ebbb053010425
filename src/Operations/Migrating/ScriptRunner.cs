using System.Data;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Freehold.Core.Placement;
using Freehold.Operations.Places;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Freehold.Operations.Migrating;

/// <summary>
/// Applies and reverts migrations on a session that is the site's: all of a context in one transaction and one round trip where every step can be
/// in one; otherwise migration by migration, those with steps outside transactions step by step with a journal.
/// </summary>
internal sealed class ScriptRunner(MigrationScripts scripts, IOptions<TenantOperationsOptions> options, ILogger<ScriptRunner> logger)
{
    private TenantOperationsOptions Options => options.Value;

    /// <summary>Takes a context's history to the target.</summary>
    public async Task ApplyAsync(
        NpgsqlConnection connection, Site site, string schema, ContextScripts context, MigrationWay way, Stopping stopping)
    {
        var history = await HistoryAsync(connection, schema, context, stopping.Stop).ConfigureAwait(false);
        var interrupted = await StepJournal.InterruptedAsync(connection, schema, context.History, stopping.Stop).ConfigureAwait(false);
        var moves = MigrationCourse.Of(context, history ?? EmptyHistory, interrupted, way.Target);
        if (moves.Count == 0)
        {
            return;
        }

        var work = new Work(connection, site, schema, context, way, stopping) { Prologue = history is null ? context.CreateHistory + "\n;" : "" };
        var together = new List<MigrationScript>();
        foreach (var script in scripts.Of(context, moves, site, connection))
        {
            if (script.IsOneTransaction && !way.IsOneByOne)
            {
                together.Add(script);
                continue;
            }

            await TogetherAsync(work, together).ConfigureAwait(false);
            together.Clear();
            await way.MakeAsync(context.Migration(script.Move), () => AloneAsync(work, script)).ConfigureAwait(false);
        }

        await TogetherAsync(work, together).ConfigureAwait(false);
    }

    /// <summary>Takes all contexts to the target in one transaction, if all is as expected and nothing fails.</summary>
    public async Task<AtOnce> TryAtOnceAsync(
        NpgsqlConnection connection, Site site, PlaceOfWork place, IReadOnlyList<(ContextScripts Context, IReadOnlySet<string>? History)> expected, MigrationWay way, Stopping stopping)
    {
        var limited = place with { Settings = [.. place.Settings, ("lock_timeout", Text(LockTimeout)), ("statement_timeout", Text(StatementTimeout))] };
        var (done, sql, leavesTraces) = (new List<TenantMigration>(), new StringBuilder(Transaction).AppendLine(HistoryGuard.Sql(connection.Database, limited, expected)), false);
        foreach (var (context, history) in expected)
        {
            var moves = MigrationCourse.Of(context, history ?? EmptyHistory, [], way.Target);
            var made = scripts.Of(context, moves, site, connection);
            if (!made.All(script => script.IsOneTransaction))
            {
                return AtOnce.NotDone;
            }

            sql.Append(history is null && moves.Count > 0 ? context.CreateHistory + "\n;" : "").AppendJoin("", made.Select(script => script.Steps[0].Sql));
            done.AddRange(moves.Select(context.Migration));
            leavesTraces |= made.Any(script => script.MayLeaveTraces);
        }

        stopping.Stop.ThrowIfCancellationRequested();
        try
        {
            await ExecuteAsync(connection, sql.Append("COMMIT").ToString(), stopping).ConfigureAwait(false);
            done.ForEach(way.Done);
            return leavesTraces ? AtOnce.DoneWithTraces : AtOnce.Done;
        }
        catch (PostgresException failure) when (IsOpen(connection))
        {
            logger.NotAtOnce(site, failure.MessageText);
            await RollBackAsync(connection, stopping).ConfigureAwait(false);
            return AtOnce.NotDone;
        }
    }

    /// <summary>Writes rows of histories, in one transaction, if all is as expected; runs no migration.</summary>
    /// <param name="connection">Of the place.</param>
    /// <param name="site">Which.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="expected">The histories as they were, and what is to be in them besides.</param>
    /// <param name="isDirty">Whether something there was interrupted, which counts as done then.</param>
    /// <param name="stopping">How it can be ended.</param>
    /// <exception cref="TenantOperationException">It is not as expected; nothing was written.</exception>
    public async Task MarkAsync(
        NpgsqlConnection connection, Site site, string schema, IReadOnlyList<(ContextScripts Context, IReadOnlySet<string>? History, IReadOnlyList<MigrationMove> Marked)> expected,
        bool isDirty, Stopping stopping)
    {
        var sql = new StringBuilder(Begin())
            .AppendLine(HistoryGuard.Sql(connection.Database, new(schema), [.. expected.Select(context => (context.Context, context.History))], isWhole: !isDirty));
        foreach (var (context, history, marked) in expected)
        {
            sql.Append(history is null && marked.Count > 0 ? context.CreateHistory + "\n;" : "").AppendJoin("", marked.Select(move =>
                $"{context.RecordSql(move.Id)}\n;{(isDirty ? StepJournal.ForgetSql(new StepKey(schema, context.History, move)) : "")}"));
        }

        stopping.Stop.ThrowIfCancellationRequested();
        try
        {
            await ExecuteAsync(connection, sql.Append("COMMIT").ToString(), stopping).ConfigureAwait(false);
        }
        catch (PostgresException failure)
        {
            await RollBackAsync(connection, stopping).ConfigureAwait(false);
            throw failure.SqlState == HistoryGuard.NotAsPlanned ? NotAsPlanned(site, failure.MessageText, failure) : NpgsqlErrors.Explain(site, "Marking migrations as applied", failure);
        }
    }

    /// <summary>What to say where a place is not as a plan found it.</summary>
    public static TenantOperationException NotAsPlanned(Site site, string because, Exception? failure = null) => site.Refused(
        $"it is not as it was when it was planned for ({because}), so nothing was marked as applied. Plan anew and repeat the call.", isRetryable: true, failure);

    /// <summary>The ids in the history table; null where there is no table.</summary>
    public static async Task<IReadOnlySet<string>?> HistoryAsync(NpgsqlConnection connection, string schema, ContextScripts context, CancellationToken cancellationToken)
    {
        var table = $"{SqlText.Identifier(schema)}.{SqlText.Identifier(context.History)}";
        if (await connection.RowAsync("SELECT pg_catalog.to_regclass($1) IS NOT NULL", cancellationToken, table).ConfigureAwait(false) is not [true])
        {
            return null;
        }

        var row = await connection.RowAsync($"SELECT array_agg({SqlText.Identifier(context.IdColumn!)}::text) FROM {table}", cancellationToken).ConfigureAwait(false);
        return row is [string[] ids] ? ids.ToHashSet(StringComparer.OrdinalIgnoreCase) : EmptyHistory;
    }

    public static IReadOnlySet<string> EmptyHistory { get; } = new HashSet<string>();

    private async Task TogetherAsync(Work work, List<MigrationScript> scripts)
    {
        if (scripts.Count > 1)
        {
            try
            {
                await TransactionAsync(work, string.Concat(scripts.Select(script => script.Steps[0].Sql))).ConfigureAwait(false);
                scripts.ForEach(script => work.Way.Done(work.Context.Migration(script.Move)));
                return;
            }
            catch (PostgresException failure) when (!failure.IsTransient && failure.SqlState is not PostgresErrorCodes.LockNotAvailable && IsOpen(work.Connection))
            {
                // One at a time, so that the error is of one of them and those before it stay; and some need the one before to be committed, as a new label
                // of an enum does.
                logger.OneByOne(work.Site, failure.MessageText);
            }
        }

        foreach (var script in scripts)
        {
            await AloneAsync(work, script).ConfigureAwait(false);
            work.Way.Done(work.Context.Migration(script.Move));
        }
    }

    private Task AloneAsync(Work work, MigrationScript script) => script.IsOneTransaction
        ? ExplainedAsync(work, script, () => TransactionAsync(work, script.Steps[0].Sql))
        : StepwiseAsync(work, script);

    private async Task StepwiseAsync(Work work, MigrationScript script)
    {
        var (connection, key) = (work.Connection, new StepKey(work.Schema, work.Context.History, script.Move));
        await StepJournal.EnsureAsync(connection, Options.CommandTimeoutSeconds, work.Stopping.Stop).ConfigureAwait(false);
        var steps = await StepJournal.ReadAsync(connection, key, work.Stopping.Stop).ConfigureAwait(false);
        for (var i = 0; i < script.Steps.Count; i++)
        {
            var (step, number) = (script.Steps[i], i);
            var isKnown = steps.TryGetValue(i, out var isDone);
            if (isDone)
            {
                continue;
            }

            work.Stopping.Stop.ThrowIfCancellationRequested();
            var isLast = i == script.Steps.Count - 1;
            await ExplainedAsync(work, script, () => step.IsOutside
                ? OutsideAsync(work, key, number, step.Sql, isKnown)
                : TransactionAsync(work, step.Sql + (isLast ? StepJournal.ForgetSql(key) : StepJournal.RecordSql(key, number, isDone: true)))).ConfigureAwait(false);
        }
    }

    private async Task OutsideAsync(Work work, StepKey key, int step, string sql, bool wasBegun)
    {
        if (wasBegun)
        {
            foreach (var index in await StepJournal.RepairAsync(work.Connection, key, sql, Options.CommandTimeoutSeconds, work.Stopping.Stop).ConfigureAwait(false))
            {
                logger.Repaired(index, key.Migration, work.Site);
            }
        }
        else
        {
            await ExecuteAsync(work, StepJournal.RecordSql(key, step, isDone: false)).ConfigureAwait(false);
        }

        // Nobody else waits for it, so it may wait for as long as operations may.
        await ExecuteAsync(work, $"SET lock_timeout = {Milliseconds(Options.LockTimeout)}; SET statement_timeout = {Options.CommandTimeoutSeconds * 1000L}").ConfigureAwait(false);
        try
        {
            await ExecuteAsync(work, sql).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (InterruptedStep.IsDone(sql, failure.SqlState))
        {
            if (!wasBegun)
            {
                // It was refused at once, for what somebody else had made or removed: it is not to look like ours the next time.
                await ExecuteAsync(work, StepJournal.ForgetSql(key, step)).ConfigureAwait(false);
                throw;
            }

            logger.WasDone(key.Migration, work.Site, failure.MessageText);
        }

        await ExecuteAsync(work, StepJournal.RecordSql(key, step, isDone: true)).ConfigureAwait(false);
    }

    // An ALTER TABLE that waits for a reader lets all later readers wait behind it: so it waits for moments only, and comes again.
    private async Task TransactionAsync(Work work, string sql)
    {
        var started = Stopwatch.GetTimestamp();
        var text = $"{Begin()}\n{work.Prologue}\n{sql}COMMIT";
        for (var pause = 50; ; pause = Math.Min(pause * 2, 2000))
        {
            work.Stopping.Stop.ThrowIfCancellationRequested();
            try
            {
                await ExecuteAsync(work, text).ConfigureAwait(false);
                work.Prologue = "";
                return;
            }
            catch (PostgresException failure)
            {
                await RollBackAsync(work.Connection, work.Stopping).ConfigureAwait(false);
                if (failure.SqlState is not (PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
                    || Stopwatch.GetElapsedTime(started) > Options.LockTimeout)
                {
                    throw;
                }
            }

            // Not all at the same moment: who met once would meet again.
            await Task.Delay(pause / 2 + Random.Shared.Next(pause / 2), work.Stopping.Stop).ConfigureAwait(false);
        }
    }

    // Some errors end the session, and with it the transaction: what is to be heard of is the error.
    private Task RollBackAsync(NpgsqlConnection connection, Stopping stopping) =>
        IsOpen(connection) ? connection.ExecuteAsync("ROLLBACK", Options.CommandTimeoutSeconds, stopping.Abort) : Task.CompletedTask;

    private static bool IsOpen(NpgsqlConnection connection) => connection.FullState == ConnectionState.Open;

    private static async Task ExplainedAsync(Work work, MigrationScript script, Func<Task> apply)
    {
        try
        {
            await apply().ConfigureAwait(false);
        }
        catch (NpgsqlException failure)
        {
            throw NpgsqlErrors.Explain(work.Site, $"{(script.Move.IsDown ? "Reverting migration" : "Migration")} '{script.Move.Id}' of {work.Context.Name}", failure);
        }
    }

    // Whoever waits for a lock sees what was committed meanwhile, whatever the database's default is.
    private const string Transaction = "BEGIN ISOLATION LEVEL READ COMMITTED;";

    private string Begin() => $"{Transaction} SET LOCAL lock_timeout = {Text(LockTimeout)}; SET LOCAL statement_timeout = {Text(StatementTimeout)};";

    private long LockTimeout => Milliseconds(Options.TableLockTimeout);

    private long StatementTimeout => Options.CommandTimeoutSeconds * 1000L;

    private static string Text(long milliseconds) => milliseconds.ToString(CultureInfo.InvariantCulture);

    private Task ExecuteAsync(Work work, string sql) => ExecuteAsync(work.Connection, sql, work.Stopping);

    // The server ends a statement by statement_timeout; a little later this end gives up, should the server not answer at all.
    private Task ExecuteAsync(NpgsqlConnection connection, string sql, Stopping stopping) =>
        connection.ExecuteAsync(sql, Options.CommandTimeoutSeconds == 0 ? 0 : Options.CommandTimeoutSeconds + 10, stopping.Abort);

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    private sealed record Work(NpgsqlConnection Connection, Site Site, string Schema, ContextScripts Context, MigrationWay Way, Stopping Stopping)
    {
        /// <summary>Comes first in the first transaction.</summary>
        public required string Prologue { get; set; }
    }
}
