using System.Data.Common;
using Freehold.Testing.Leaks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Attacks;

/// <summary>One connection, left by a tenant in every state that it can be left in, and then another tenant's.</summary>
public sealed class ReturnedSessionTests
{
    private const string Sleep = "SELECT pg_sleep(30)";
    private const string All = """SELECT * FROM "Parents" """;

    private static readonly Dictionary<string, Func<PooledVictimDb, Tenant, Task>> Ways = new()
    {
        ["search path"] = (db, _) => db.Database.ExecuteSqlRawAsync("SET search_path TO public"),
        ["setting"] = (db, own) => db.Database.ExecuteSqlRawAsync("SELECT set_config('app.tenant_id', {0}, false)", own.Id.Value),
        ["temporary table"] = (db, _) => db.Database.ExecuteSqlRawAsync("""CREATE TEMP TABLE "Parents" AS SELECT * FROM "Parents" """),
        ["advisory lock"] = (db, _) => db.Database.ExecuteSqlRawAsync("SELECT pg_advisory_lock(4711)"),
        ["prepared statement"] = (db, _) => db.Database.ExecuteSqlRawAsync("""PREPARE theirs AS SELECT * FROM "Parents" """),
        ["open transaction"] = async (db, own) =>
        {
            await db.Database.BeginTransactionAsync();
            await db.Database.ExecuteSqlRawAsync("SELECT set_config('app.tenant_id', {0}, true)", own.Id.Value);
            await db.Parents.ExecuteUpdateAsync(set => set.SetProperty(parent => parent.Name, parent => "lost " + parent.Name));
        },
        ["failed transaction"] = async (db, _) =>
        {
            await db.Database.BeginTransactionAsync();
            await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("SELECT 1 / 0"));
        },
        ["half-read reader"] = async (db, _) => (await db.Parents.AsAsyncEnumerable().GetAsyncEnumerator().MoveNextAsync()).ShouldBeTrue(),
        ["cancelled token"] = async (db, _) =>
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await Should.ThrowAsync<OperationCanceledException>(() => db.Database.ExecuteSqlRawAsync(Sleep, cancellation.Token));
        },
        ["command timeout"] = async (db, _) =>
        {
            db.Database.SetCommandTimeout(1);
            await Should.ThrowAsync<NpgsqlException>(() => db.Database.ExecuteSqlRawAsync(Sleep));
        },
        ["killed backend"] = async (db, _) =>
            await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("SELECT pg_terminate_backend(pg_backend_pid())")),
    };

    [Theory]
    [InlineData(Isolation.Schema, "")]
    [InlineData(Isolation.Schema, ";Max Auto Prepare=20;Auto Prepare Min Usages=1")]
    [InlineData(Isolation.Row, "")]
    [InlineData(Isolation.Row, ";Max Auto Prepare=20;Auto Prepare Min Usages=1")]
    public async Task A_session_returned_dirty_in_eleven_ways_is_the_next_tenants_alone(Isolation isolation, string settings)
    {
        await using var world = await Victims.WorldAsync<PooledVictimDb>(isolation, settings: settings);
        foreach (var (way, leave) in Ways)
        {
            await using (var first = Create(world, world.Tenants[0]))
            {
                (await first.Parents.FromSqlRaw(All).CountAsync()).ShouldBe(world.RowsOf(world.Tenants[0]), way);
                await leave(first, world.Tenants[0]);
            }

            await CheckAsync(world, world.Tenants[1], way);
            await CheckAsync(world, world.Tenants[0], way);
        }
    }

    [Theory, InlineData(Isolation.Schema), InlineData(Isolation.Row)]
    public async Task A_unit_of_work_cancelled_at_any_point_leaves_the_next_tenant_nothing(Isolation isolation)
    {
        var canceller = new CancelAtPoint();
        await using var world = await Victims.WorldAsync<PooledVictimDb>(isolation, options: options => options.AddInterceptors(canceller));
        var before = await world.DigestAsync(world.Tenants[1], default);
        var points = 0;
        while (await WasCancelledAsync(world, canceller, ++points))
        {
            await CheckAsync(world, world.Tenants[1], $"point {points}");
        }

        points.ShouldBeGreaterThan(10);
        (await world.DigestAsync(world.Tenants[1], default)).ShouldBe(before);
    }

    [Theory, InlineData(Isolation.Schema), InlineData(Isolation.Row)]
    public async Task A_command_repeated_on_a_new_connection_is_the_same_tenants(Isolation isolation)
    {
        await using var world = await Victims.WorldAsync<PooledVictimDb>(
            isolation, options: options => options.UseNpgsql(npgsql => npgsql.EnableRetryOnFailure(3, TimeSpan.Zero, null)));
        await using var db = Create(world, world.Tenants[0]);
        for (var i = 0; i < 3; i++)
        {
            (await db.Parents.FromSqlRaw(All).CountAsync()).ShouldBe(world.RowsOf(world.Tenants[0]));
            await world.PastFreeholdAsync(
                world.PlacementOf(world.Tenants[0]), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", default);
            (await db.Parents.FromSqlRaw(All).CountAsync()).ShouldBe(world.RowsOf(world.Tenants[0]));
            await CheckAsync(world, world.Tenants[1], "retry");
        }
    }

    [Fact]
    public async Task Statements_prepared_while_tenants_alternate_read_their_own_or_fail_where_a_table_has_drifted()
    {
        await using var world = await Victims.WorldAsync<PooledVictimDb>(Isolation.Schema, settings: ";Max Auto Prepare=20;Auto Prepare Min Usages=1");
        await AlternateAsync(mayFail: false);
        await world.PastFreeholdAsync(world.PlacementOf(world.Tenants[1]), """ALTER TABLE "Parents" ALTER "Name" TYPE varchar(100)""", default);
        await AlternateAsync(mayFail: true);
        await AlternateAsync(mayFail: true);

        async Task AlternateAsync(bool mayFail)
        {
            for (var i = 0; i < 10; i++)
            {
                try
                {
                    await CheckAsync(world, world.Tenants[i % 2], $"turn {i}");
                }
                catch (PostgresException drifted) when (mayFail)
                {
                    // Of either tenant: raw SQL has one text for both, and with it one prepared statement of a session.
                    drifted.SqlState.ShouldBe(PostgresErrorCodes.FeatureNotSupported);
                }
            }
        }
    }

    private static PooledVictimDb Create(LeakWorld<PooledVictimDb> world, Tenant tenant) =>
        world.Services.GetRequiredService<ITenantDbContextFactory<PooledVictimDb>>().Create(tenant);

    private static async Task CheckAsync(LeakWorld<PooledVictimDb> world, Tenant tenant, string after)
    {
        await using var db = Create(world, tenant);
        foreach (var query in new[] { db.Parents.FromSqlRaw(All), db.Parents })
        {
            var rows = await query.AsNoTracking().ToListAsync();
            rows.Count.ShouldBe(world.RowsOf(tenant), after);
            rows.ShouldAllBe(row => row.Name.StartsWith(tenant.Id.Value, StringComparison.Ordinal), after);
        }

        (await db.Database.SqlQueryRaw<long>("""SELECT count(*) AS "Value" FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()""").SingleAsync()).ShouldBe(0, after);
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = "SELECT coalesce(current_setting('app.tenant_id', true), '')";
        (await command.ExecuteScalarAsync()).ShouldBeOneOf("", tenant.Id.Value);
    }

    private static async Task<bool> WasCancelledAsync(LeakWorld<PooledVictimDb> world, CancelAtPoint canceller, int point)
    {
        using var cancellation = new CancellationTokenSource();
        canceller.Start(point, cancellation);
        try
        {
            await using var db = Create(world, world.Tenants[0]);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation.Token);
            await db.Parents.FromSqlRaw(All).Include(parent => parent.Children).ToListAsync(cancellation.Token);
            await db.Database.ExecuteSqlRawAsync("""UPDATE "Children" SET "Text" = "Text" """, cancellation.Token);
            db.Add(new Parent { Name = $"{world.Tenants[0].Id} {point}" });
            await db.SaveChangesAsync(cancellation.Token);
            await db.Parents.Where(parent => parent.Name == $"{world.Tenants[0].Id} {point}").ExecuteDeleteAsync(cancellation.Token);
            await transaction.CommitAsync(cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        finally
        {
            canceller.Start(0, null);
        }

        return cancellation.IsCancellationRequested;
    }

    /// <summary>Cancels when EF announces the n-th thing.</summary>
    private sealed class CancelAtPoint : DbCommandInterceptor, IDbConnectionInterceptor, IDbTransactionInterceptor
    {
        private int _left;
        private CancellationTokenSource? _cancellation;

        public void Start(int point, CancellationTokenSource? cancellation) => (_left, _cancellation) = (point, cancellation);

        public override InterceptionResult<DbCommand> CommandCreating(CommandCorrelatedEventData eventData, InterceptionResult<DbCommand> result) => Pass(result);

        public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result) => Pass(result);

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) => new(Pass(result));

        public override ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default) => new(Pass(result));

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(Pass(result));

        public override ValueTask<int> NonQueryExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default) => new(Pass(result));

        public ValueTask<InterceptionResult> ConnectionOpeningAsync(
            DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) => new(Pass(result));

        public Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default) =>
            Pass(Task.CompletedTask);

        public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default) => new(Pass(result));

        public ValueTask<DbTransaction> TransactionStartedAsync(
            DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) => new(Pass(result));

        public ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) => new(Pass(result));

        private T Pass<T>(T result)
        {
            if (--_left == 0)
            {
                _cancellation!.Cancel();
            }

            return result;
        }
    }
}
