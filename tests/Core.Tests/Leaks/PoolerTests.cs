using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Freehold.Core.Tests.Leaks;

/// <summary>One session of the server for everybody, who get it for a transaction at a time.</summary>
public sealed class PoolerTests
{
    private const int Seed = 20261125;
    private const string Untouched = "freehold_nobody|t|";
    private const string AllOrders = """SELECT * FROM "Orders" """;

    private static readonly bool Soak = Environment.GetEnvironmentVariable("FREEHOLD_SOAK") == "1";

    public static TheoryData<Mix> Mixes => [Mix.Schema, Mix.Row, Mix.Hybrid];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Mixes))]
    public async Task Two_tenants_take_turns_on_one_session_and_a_third_client_finds_nothing_of_them(Mix mix)
    {
        await using var pooled = await PooledWorld.StartAsync(mix, options: options => options.AlwaysSetSearchPath());
        var backends = new HashSet<int>();
        foreach (var tenant in new[] { pooled.World.A, pooled.World.B, pooled.World.A, pooled.World.B })
        {
            await WorkAsync(pooled.World, tenant);
            var (state, backend) = await pooled.StrangerAsync();
            state.ShouldBe(Untouched);
            backends.Add(backend);
        }

        backends.Count.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Mixes))]
    public async Task Control_a_session_that_is_set_for_longer_than_its_transaction_is_found_by_the_next_client(Mix mix)
    {
        await using var pooled = await PooledWorld.StartAsync(mix);
        await WorkAsync(pooled.World, pooled.World.A);
        pooled.Server.Pooler = PoolerMode.None;
        await using (var db = pooled.World.Factory<ShopDb>().Create(pooled.World.A))
        {
            (await db.Orders.FromSqlRaw(AllOrders).ToListAsync(Cancelled)).Count.ShouldBe(3);
        }

        (await pooled.StrangerAsync()).State.ShouldNotBe(Untouched);
    }

    [Theory, MemberData(nameof(Mixes))]
    public async Task Transactions_failures_and_open_connections_leave_nothing_in_the_session(Mix mix)
    {
        await using var pooled = await PooledWorld.StartAsync(mix);
        var (a, b) = (pooled.World.A, pooled.World.B);
        await using (var db = pooled.World.Factory<ShopDb>().Create(a))
        {
            await db.Database.OpenConnectionAsync(Cancelled);
            await using (var transaction = await db.Database.BeginTransactionAsync(Cancelled))
            {
                (await db.Database.ExecuteSqlRawAsync("""UPDATE "Orders" SET "Version" = 7""", Cancelled)).ShouldBe(3);
                await transaction.CreateSavepointAsync("here", Cancelled);
                await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("SELECT 1 / 0", Cancelled));
                await transaction.RollbackToSavepointAsync("here", Cancelled);
                (await db.Orders.FromSqlRaw(AllOrders).CountAsync(Cancelled)).ShouldBe(3);
                db.Add(new Order { Owner = a.Id.Value });
                (await db.SaveChangesAsync(Cancelled)).ShouldBe(1);
                await transaction.RollbackAsync(Cancelled);
            }

            await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("SELECT 1 / 0", Cancelled));
            (await pooled.StrangerAsync()).State.ShouldBe(Untouched);

            // Left in a transaction on purpose: the return to the pool has to end it, or nobody else gets the one session.
            await db.Database.BeginTransactionAsync(Cancelled);
            (await db.Database.ExecuteSqlRawAsync("""UPDATE "Orders" SET "Version" = 7""", Cancelled)).ShouldBe(3);
        }

        await WorkAsync(pooled.World, b);
        (await pooled.World.OwnersAsync(a)).ShouldBe("t-00=3");
        (await pooled.StrangerAsync()).State.ShouldBe(Untouched);
    }

    [Theory, MemberData(nameof(Mixes))]
    public async Task A_repeated_unit_of_work_sets_its_session_again(Mix mix)
    {
        await using var pooled = await PooledWorld.StartAsync(
            mix, options: options => options.UseNpgsql(npgsql => npgsql.EnableRetryOnFailure(3, TimeSpan.FromMilliseconds(1), null)).AlwaysSetSearchPath());
        await using var db = pooled.World.Factory<ShopDb>().Create(pooled.World.B);
        var attempts = 0;
        await db.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(Cancelled);
            (await db.Orders.FromSqlRaw(AllOrders).Select(order => order.Owner).Distinct().ToListAsync(Cancelled)).ShouldBe(["t-01"]);
            if (attempts++ == 0)
            {
                await db.Database.ExecuteSqlRawAsync("SELECT pg_terminate_backend(pg_backend_pid())", Cancelled);
            }

            db.Add(new Order { Owner = "t-01" });
            await db.SaveChangesAsync(Cancelled);
            await transaction.CommitAsync(Cancelled);
        });

        attempts.ShouldBe(2);
        (await pooled.World.OwnersAsync(pooled.World.B)).ShouldBe("t-01=4");
        (await pooled.World.OwnersAsync(pooled.World.A)).ShouldBe("t-00=3");
    }

    [Fact]
    public async Task Saving_without_a_transaction_is_refused_where_it_would_need_a_session()
    {
        await using var pooled = await PooledWorld.StartAsync(Mix.Row);
        await using var db = pooled.World.Factory<ShopDb>().Create(pooled.World.A);
        db.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        db.Add(new Order { Owner = "t-00" });

        (await Should.ThrowAsync<Exception>(() => db.SaveChangesAsync(Cancelled))).ToString().ShouldContain("AutoTransactionBehavior.Never");

        await using var transaction = await db.Database.BeginTransactionAsync(Cancelled);
        (await db.SaveChangesAsync(Cancelled)).ShouldBe(1);
        await transaction.CommitAsync(Cancelled);
    }

    [Theory]
    [InlineData(Mix.Schema, false)]
    [InlineData(Mix.Schema, true)]
    [InlineData(Mix.Row, false)]
    [InlineData(Mix.Hybrid, false)]
    [InlineData(Mix.Hybrid, true)]
    public async Task Many_tenants_on_three_sessions_meet_no_foreign_row(Mix mix, bool always)
    {
        await using var pooled = await PooledWorld.StartAsync(mix, sessions: 3, tenants: 8, orders: 0, options: always ? options => options.AlwaysSetSearchPath() : null);
        var hunt = new LeakHunt(pooled.World, workers: 12, operationsPerWorker: Soak ? 1_000 : 30, Seed);
        await hunt.PrepareAsync();
        await hunt.RunAsync();
        hunt.Findings.ShouldBeEmpty();
        hunt.Done.ShouldBeGreaterThan(hunt.Cancelled);
        (await pooled.StrangerAsync()).State.ShouldBe(Untouched);
    }

    [Theory, MemberData(nameof(Mixes))]
    public async Task Control_sessions_that_outlive_their_transactions_are_found_by_the_hunt_or_by_the_stranger(Mix mix)
    {
        await using var pooled = await PooledWorld.StartAsync(mix, sessions: 1, tenants: 4, orders: 0);
        var hunt = new LeakHunt(pooled.World, workers: 4, operationsPerWorker: 20, Seed);
        await hunt.PrepareAsync();
        await using (var first = pooled.World.Factory<ShopDb>().Create(pooled.World.A))
        {
            await first.Orders.CountAsync(Cancelled);
        }

        pooled.Server.Pooler = PoolerMode.None;
        await hunt.RunAsync();
        (hunt.Findings.Count > 0 || (await pooled.StrangerAsync()).State != Untouched).ShouldBeTrue();
    }

    private static async Task WorkAsync(TenantWorld world, Tenant tenant)
    {
        using var entered = TenantScope.Enter(tenant);
        await using var db = world.Factory<ShopDb>().Create();
        (await db.Orders.Select(order => order.Owner).Distinct().ToListAsync(Cancelled)).ShouldBe([tenant.Id.Value]);
        (await db.Orders.FromSqlRaw(AllOrders).Include(order => order.Lines).ToListAsync(Cancelled)).SelectMany(order => order.Lines).Select(line => line.Owner)
            .Distinct().ShouldBe([tenant.Id.Value]);
        var order = new Order { Id = 1000, Owner = tenant.Id.Value };
        db.Add(order);
        (await db.SaveChangesAsync(Cancelled)).ShouldBe(1);
        (await db.Orders.Where(row => row.Id == 1000).ExecuteUpdateAsync(set => set.SetProperty(row => row.Version, 1), Cancelled)).ShouldBe(1);
        (await db.Database.ExecuteSqlRawAsync("""DELETE FROM "Orders" WHERE "Id" = 1000""", Cancelled)).ShouldBe(1);
    }
}
