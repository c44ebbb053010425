using System.Collections.Concurrent;
using Freehold.Operations.Migrating;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Running;

/// <summary>
/// The runs of operations and how they went for each tenant, on the default server. A run is over when all its tenants are done; until then the next one of
/// its name continues it. Written without waiting for the disk: what a crash of the server loses is repeated.
/// </summary>
internal sealed class RunJournal(ServerSession session, int timeout)
{
    private const string Runs = StepJournal.Schema + ".runs";
    private const string Outcomes = StepJournal.Schema + ".run_outcomes";
    private const string Done = "('Succeeded', 'NothingToDo')";

    private const string CreateSql = $"""
        BEGIN;
        SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('{StepJournal.Table}', 0));
        CREATE SCHEMA IF NOT EXISTS {StepJournal.Schema};
        CREATE TABLE IF NOT EXISTS {Runs} (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, operation text NOT NULL, host text NOT NULL, begun_at timestamptz NOT NULL DEFAULT now(),
            ended_at timestamptz);
        CREATE UNIQUE INDEX IF NOT EXISTS runs_open ON {Runs} (operation) WHERE ended_at IS NULL;
        CREATE TABLE IF NOT EXISTS {Outcomes} (
            run bigint NOT NULL REFERENCES {Runs} ON DELETE CASCADE, tenant text COLLATE "C" NOT NULL, kind text NOT NULL, seconds double precision, error text,
            at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (run, tenant));
        COMMIT
        """;

    private readonly ConcurrentQueue<TenantOutcome> _waiting = new();
    private readonly Lock _writing = new();
    private Task _written = Task.CompletedTask;
    private long _run;

    /// <summary>The tenants for whom the open run of that name has succeeded. Changes nothing.</summary>
    public Task<IReadOnlySet<string>> DoneAsync(string operation, CancellationToken cancellationToken) => session.UseAsync<IReadOnlySet<string>>(
        async connection =>
        {
            if (!await IsThereAsync(connection, cancellationToken).ConfigureAwait(false))
            {
                return new HashSet<string>();
            }

            var row = await connection.RowAsync(
                $"SELECT array_agg(tenant) FROM {Outcomes} JOIN {Runs} ON id = run WHERE operation = $1 AND ended_at IS NULL AND kind IN {Done}",
                cancellationToken, operation).ConfigureAwait(false);
            return row is [string[] tenants] ? tenants.ToHashSet(StringComparer.Ordinal) : new HashSet<string>();
        },
        cancellationToken);

    /// <summary>Begins a run of these tenants, or continues the open one of that name.</summary>
    /// <param name="operation">The name.</param>
    /// <param name="tenants">Whose turn comes.</param>
    /// <param name="done">Who needs none: also one who was done just before a kill, and not recorded any more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task BeginAsync(string operation, IEnumerable<Tenant> tenants, IEnumerable<Tenant> done, CancellationToken cancellationToken) => session.UseAsync(
        async connection =>
        {
            if (!await IsThereAsync(connection, cancellationToken).ConfigureAwait(false))
            {
                await connection.ExecuteAsync(CreateSql, timeout, cancellationToken).ConfigureAwait(false);
            }

            await connection.ExecuteAsync("SET synchronous_commit = off", timeout, cancellationToken).ConfigureAwait(false);
            var row = await connection.RowAsync(
                $"""
                INSERT INTO {Runs} (operation, host) VALUES ($1, $2)
                ON CONFLICT (operation) WHERE ended_at IS NULL DO UPDATE SET host = excluded.host RETURNING id
                """,
                cancellationToken, operation, Environment.MachineName).ConfigureAwait(false);
            _run = (long)row![0]!;
            await connection.RowAsync(
                $"UPDATE {Outcomes} SET kind = 'NothingToDo', error = NULL, at = now() WHERE run = $1 AND tenant = ANY ($2) AND kind NOT IN {Done}",
                cancellationToken, _run, done.Select(tenant => tenant.Id.Value).ToArray()).ConfigureAwait(false);
            return await connection.RowAsync(
                $"INSERT INTO {Outcomes} (run, tenant, kind) SELECT $1, tenant, 'NotBegun' FROM pg_catalog.unnest($2) AS tenant ON CONFLICT DO NOTHING",
                cancellationToken, _run, tenants.Select(tenant => tenant.Id.Value).ToArray()).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Whether this run, in whatever process, has succeeded for a tenant.</summary>
    public Task<bool> IsDoneAsync(TenantId tenant, CancellationToken cancellationToken) => session.UseAsync(
        async connection => await connection.RowAsync(
            $"SELECT FROM {Outcomes} WHERE run = $1 AND tenant = $2 AND kind IN {Done}", cancellationToken, _run, tenant.Value).ConfigureAwait(false) is not null,
        cancellationToken);

    /// <summary>Records how it went for a tenant.</summary>
    public Task RecordAsync(TenantOutcome outcome) => WriteAsync([outcome]);

    /// <summary>Records it beside what goes on, and with it what has come meanwhile: for what the tenant itself knows, too.</summary>
    public void RecordSoon(TenantOutcome outcome)
    {
        _waiting.Enqueue(outcome);
        lock (_writing)
        {
            if (_written.IsCompletedSuccessfully)
            {
                _written = Task.Run(WriteWaitingAsync);
            }
        }
    }

    /// <summary>Ends the open run of that name, whatever is left of it.</summary>
    /// <returns>False where none was open.</returns>
    public Task<bool> AbandonAsync(string operation, CancellationToken cancellationToken) => session.UseAsync(
        async connection => await IsThereAsync(connection, cancellationToken).ConfigureAwait(false) && await connection.RowAsync(
            $"UPDATE {Runs} SET ended_at = now() WHERE operation = $1 AND ended_at IS NULL RETURNING id", cancellationToken, operation).ConfigureAwait(false) is not null,
        cancellationToken);

    /// <summary>Ends the run, if nothing is left of it.</summary>
    public async Task EndAsync()
    {
        await _written.ConfigureAwait(false);
        await WriteWaitingAsync().ConfigureAwait(false);
        await session.UseAsync(
            connection => connection.RowAsync(
                $"UPDATE {Runs} SET ended_at = now() WHERE id = $1 AND NOT EXISTS (SELECT FROM {Outcomes} WHERE run = $1 AND kind NOT IN {Done})",
                CancellationToken.None, _run),
            CancellationToken.None).ConfigureAwait(false);
    }

    private async Task WriteWaitingAsync()
    {
        while (!_waiting.IsEmpty)
        {
            var outcomes = new List<TenantOutcome>();
            while (_waiting.TryDequeue(out var outcome))
            {
                outcomes.Add(outcome);
            }

            await WriteAsync(outcomes).ConfigureAwait(false);
        }
    }

    private Task<object?[]?> WriteAsync(IReadOnlyList<TenantOutcome> outcomes) => session.UseAsync(
        connection => connection.RowAsync(
            $"""
            INSERT INTO {Outcomes} (run, tenant, kind, seconds, error)
            SELECT $1, tenant, kind, seconds, nullif(error, '') FROM ROWS FROM (
                pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5)) AS outcome (tenant, kind, seconds, error)
            ON CONFLICT (run, tenant) DO UPDATE SET kind = excluded.kind, seconds = excluded.seconds, error = excluded.error, at = now()
            """,
            CancellationToken.None,
            _run, outcomes.Select(outcome => outcome.Tenant.Id.Value).ToArray(), outcomes.Select(outcome => outcome.Kind.ToString()).ToArray(),
            outcomes.Select(outcome => outcome.Duration.TotalSeconds).ToArray(), outcomes.Select(outcome => outcome.Error is null ? "" : FailureText.Of(outcome.Error)).ToArray()),
        CancellationToken.None);

    private static async Task<bool> IsThereAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.RowAsync($"SELECT pg_catalog.to_regclass('{Outcomes}') IS NOT NULL", cancellationToken).ConfigureAwait(false) is [true];
}
