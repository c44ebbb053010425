using System.Data;
using Freehold.Core.Data.Budget;
using Freehold.Core.Tests.Data;
using Freehold.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Budget;

/// <summary>Case 30 of the leaks: a full house on a real server. Others wait within bounds, nobody gets somebody else's answer, and no permit is lost.</summary>
public sealed class FullHouseTests
{
    [Fact]
    public async Task Beside_a_noisy_tenant_another_ones_caller_waits_for_its_turn_only()
    {
        await using var world = await WorldAsync(perServer: 2, perTenant: 2);
        var holding = new[] { await OpenAsync(world, world.A), await OpenAsync(world, world.A) };
        var noisy = Enumerable.Range(0, 50).Select(_ => OwnersAsync(world, world.A, hold: true)).ToArray();
        var quiet = OwnersAsync(world, world.B);
        Server(world).Waiting.ShouldBe(51);

        // The first turn is the noisy tenant's, because it came first. The second is the other's.
        await holding[0].DisposeAsync();
        await holding[1].DisposeAsync();
        (await quiet).ShouldBe(["t-01"]);
        noisy.Count(caller => caller.IsCompleted).ShouldBeLessThan(50);
        foreach (var owners in await Task.WhenAll(noisy))
        {
            owners.ShouldBe(["t-00"]);
        }

        Server(world).InUse.ShouldBe(0);
    }

    [Fact]
    public async Task A_tenant_that_uses_all_that_it_may_leaves_connections_to_the_others()
    {
        await using var world = await WorldAsync(perServer: 3, perTenant: 2);
        await using var first = await OpenAsync(world, world.A);
        await using var second = await OpenAsync(world, world.A);
        var third = OpenAsync(world, world.A);
        (await OwnersAsync(world, world.B)).ShouldBe(["t-01"]);
        third.IsCompleted.ShouldBeFalse();
        await first.DisposeAsync();
        await (await third).DisposeAsync();
    }

    [Fact]
    public async Task Nobody_gets_somebody_elses_answer_on_few_connections()
    {
        await using var world = await WorldAsync(perServer: 3, perTenant: 2, tenants: 5);
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 40 }, async (i, _) =>
        {
            var tenant = world.Tenants[i % 5];
            using var giveUp = new CancellationTokenSource();
            var asking = OwnersAsync(world, tenant, giveUp: giveUp.Token);
            if (i % 11 == 0)
            {
                await giveUp.CancelAsync();
            }

            try
            {
                (await asking).ShouldBe([tenant.Id.Value]);
            }
            catch (OperationCanceledException) when (i % 11 == 0)
            {
            }
        });
        Server(world).InUse.ShouldBe(0);
        Server(world).Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_context_takes_its_permit_when_it_opens_and_gives_it_back_when_it_closes()
    {
        await using var world = await WorldAsync(perServer: 1);
        await using var db = world.Factory<ShopDb>().Create(world.A);
        Server(world).InUse.ShouldBe(0);
        await using (await db.Database.BeginTransactionAsync())
        {
            Server(world).InUse.ShouldBe(1);
            await db.Orders.CountAsync();
            Server(world).InUse.ShouldBe(1);
        }

        Server(world).InUse.ShouldBe(0);
        await db.Orders.CountAsync();
        db.Orders.Count().ShouldBe(3);
        Server(world).InUse.ShouldBe(0);
    }

    [Theory]
    [InlineData("never opened")]
    [InlineData("opened and not closed")]
    [InlineData("a transaction not ended")]
    [InlineData("a reader not read to its end")]
    [InlineData("a command that failed")]
    [InlineData("a cancelled wait")]
    [InlineData("cancelled while it ran")]
    [InlineData("opened synchronously")]
    [InlineData("closed by hand")]
    [InlineData("in a transaction scope")]
    public async Task However_a_lease_ends_its_permit_comes_back(string how)
    {
        await using var world = await WorldAsync(perServer: 1, perTenant: 1);
        foreach (var dispose in new Func<DbContext, ValueTask>[] { db => db.DisposeAsync(), db => { db.Dispose(); return default; } })
        {
            await EndAsync(world, how, dispose);
            Server(world).InUse.ShouldBe(0);
            Server(world).Waiting.ShouldBe(0);
            (await OwnersAsync(world, world.B)).ShouldBe(["t-01"]);
        }
    }

    [Fact]
    public async Task A_context_that_is_not_pooled_gives_its_permit_back()
    {
        await using var world = await WorldAsync(perServer: 1, configure: tenancy => tenancy.AddDbContext<UnpooledDb>());
        await using (var db = world.Factory<UnpooledDb>().Create(world.A))
        {
            await db.Database.OpenConnectionAsync();
            Server(world).InUse.ShouldBe(1);
        }

        using (TenantScope.Enter(world.A))
        {
            await using var scope = world.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<UnpooledDb>().Database.OpenConnectionAsync();
            Server(world).InUse.ShouldBe(1);
        }

        Server(world).InUse.ShouldBe(0);
    }

    [Fact]
    public async Task A_connection_that_does_not_open_gives_its_permit_back()
    {
        var server = await PostgresServer.GetAsync();
        await using var services = TenantWorld.Build(
            await server.CreateDatabaseAsync(), Isolation.Database, [], tenancy => tenancy.LimitConnections(limits => limits.PerServer = 1));
        for (var i = 0; i < 2; i++)
        {
            await using var db = services.GetRequiredService<ITenantDbContextFactory<PlainDb>>().Create(new Tenant("ghost"));
            await Should.ThrowAsync<TenantUnavailableException>(() => db.Orders.CountAsync());
            await Should.ThrowAsync<TenantUnavailableException>(() => db.Orders.CountAsync());
        }

        services.GetRequiredService<ConnectionBudget>().Of("default", 0).InUse.ShouldBe(0);
    }

    [Fact]
    public async Task A_context_opened_inside_another_ones_transaction_does_not_wait_for_it_though_the_budget_is_one()
    {
        await using var world = await WorldAsync(perServer: 1, perTenant: 1, reserve: 1);
        using var scope = TenantScope.Enter(world.A);
        await using var outer = world.Factory<ShopDb>().Create();
        await using var transaction = await outer.Database.BeginTransactionAsync();
        await using (var inner = world.Factory<ShopDb>().Create())
        {
            (await inner.Orders.CountAsync()).ShouldBe(3);
        }

        using (TenantScope.Enter(world.B))
        {
            await using var other = world.Factory<ShopDb>().Create();
            other.Orders.Count().ShouldBe(3);
        }

        await transaction.CommitAsync();
    }

    [Fact]
    public async Task Whoever_finds_the_queue_full_is_told_what_was_full()
    {
        await using var world = await WorldAsync(perServer: 2, perTenant: 1, queue: 1);
        await using var first = await OpenAsync(world, world.A);
        var waiting = OpenAsync(world, world.A);
        var busy = await Should.ThrowAsync<TenantBusyException>(() => OwnersAsync(world, world.A));
        busy.Message.ShouldContain("'t-00'");
        busy.Message.ShouldContain("PerTenant");
        await using var second = await OpenAsync(world, world.B);
        await first.DisposeAsync();
        await (await waiting).DisposeAsync();
    }

    [Fact]
    public async Task A_context_that_is_returned_while_it_waits_gets_no_permit()
    {
        await using var world = await WorldAsync(perServer: 1);
        var holding = await OpenAsync(world, world.A);
        using var scope = TenantScope.Enter(world.B);
        var db = world.Factory<ShopDb>().Create();
        var opening = db.Database.OpenConnectionAsync();
        await db.DisposeAsync();
        await holding.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() => opening);
        Server(world).InUse.ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_budget_a_pool_that_is_exhausted_is_a_retryable_error_of_the_tenant()
    {
        await using var world = await TenantWorld.SchemasAsync(maxPoolSize: 1);
        await using var services = TenantWorld.Build(world.ConnectionString + ";Timeout=1", Isolation.Schema, [.. world.Tenants]);
        var factory = services.GetRequiredService<ITenantDbContextFactory<ShopDb>>();
        await using var first = factory.Create(world.A);
        await first.Database.OpenConnectionAsync();
        await using var second = factory.Create(world.B);
        var refusal = await Should.ThrowAsync<TenantUnavailableException>(() => second.Orders.CountAsync());
        refusal.Message.ShouldContain("'t-01'");
        refusal.Message.ShouldContain("Maximum Pool Size");
    }

    private static Task<TenantWorld> WorldAsync(
        int perServer, int? perTenant = null, int reserve = 0, int queue = 1_000, int tenants = 2, Action<MultiTenancyBuilder>? configure = null) =>
        TenantWorld.SchemasAsync(
            tenants,
            configure: tenancy =>
            {
                tenancy.LimitConnections(limits =>
                {
                    limits.PerServer = perServer;
                    limits.PerTenant = perTenant ?? perServer;
                    limits.Reserve = reserve;
                    limits.QueuePerTenant = queue;
                    limits.WaitLimit = TimeSpan.FromMinutes(1);
                });
                configure?.Invoke(tenancy);
            });

    private static ServerBudget Server(TenantWorld world) => world.Services.GetRequiredService<ConnectionBudget>().Of("default", 0);

    /// <summary>A context with an open connection, in a scope of its own, as a request has it.</summary>
    private static async Task<ShopDb> OpenAsync(TenantWorld world, Tenant tenant, CancellationToken cancellationToken = default)
    {
        using var scope = TenantScope.Enter(tenant);
        var db = world.Factory<ShopDb>().Create();
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
            return db;
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    private static async Task<string[]> OwnersAsync(TenantWorld world, Tenant tenant, bool hold = false, CancellationToken giveUp = default)
    {
        using var scope = TenantScope.Enter(tenant);
        await using var db = world.Factory<ShopDb>().Create();
        await using var transaction = hold ? await db.Database.BeginTransactionAsync(giveUp) : null;
        return await db.Orders.Select(order => order.Owner).Distinct().ToArrayAsync(giveUp);
    }

    private static async Task EndAsync(TenantWorld world, string how, Func<DbContext, ValueTask> disposeAsync)
    {
        using var scope = TenantScope.Enter(world.A);
        var db = world.Factory<ShopDb>().Create();
        switch (how)
        {
            case "opened and not closed":
                await db.Database.OpenConnectionAsync();
                break;
            case "opened synchronously":
                db.Database.OpenConnection();
                break;
            case "a transaction not ended":
                await db.Database.BeginTransactionAsync();
                await db.Orders.CountAsync();
                break;
            case "a reader not read to its end":
                await db.Orders.AsAsyncEnumerable().GetAsyncEnumerator().MoveNextAsync();
                break;
            case "a command that failed":
                await Should.ThrowAsync<Exception>(() => db.Database.ExecuteSqlRawAsync("SELECT 1 / 0"));
                break;
            case "a cancelled wait":
                await CancelWaitAsync(world, db);
                break;
            case "cancelled while it ran":
                using (var cancelling = new CancellationTokenSource(TimeSpan.FromMilliseconds(50)))
                {
                    await Should.ThrowAsync<OperationCanceledException>(() => db.Database.ExecuteSqlRawAsync("SELECT pg_sleep(600)", cancelling.Token));
                }

                break;
            case "closed by hand":
                await db.Database.OpenConnectionAsync();
                await db.Database.GetDbConnection().CloseAsync();
                db.Database.GetDbConnection().State.ShouldBe(ConnectionState.Closed);
                break;
            case "in a transaction scope":
                using (new System.Transactions.TransactionScope(System.Transactions.TransactionScopeAsyncFlowOption.Enabled))
                {
                    await db.Orders.CountAsync();
                    Server(world).InUse.ShouldBe(1);
                    await db.Orders.CountAsync();
                }

                break;
        }

        await disposeAsync(db);
    }

    private static async Task CancelWaitAsync(TenantWorld world, ShopDb db)
    {
        await using var holding = await OpenSeparatelyAsync(world);
        using var cancelling = new CancellationTokenSource();
        var waiting = db.Orders.CountAsync(cancelling.Token);
        await cancelling.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
    }

    private static async Task<ShopDb> OpenSeparatelyAsync(TenantWorld world)
    {
        Task<ShopDb> opening;
        using (ExecutionContext.SuppressFlow())
        {
            opening = Task.Run(() => OpenAsync(world, world.B));
        }

        return await opening;
    }

    public sealed class UnpooledDb(DbContextOptions<UnpooledDb> options, TimeProvider time) : DbContext(options)
    {
        public DbSet<Order> Orders => Set<Order>();

        public TimeProvider Time => time;

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Order>().Ignore(order => order.Lines);
    }
}
