using System.Transactions;
using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Attacks;

/// <summary>One server session after another tenant, however that one left it.</summary>
public sealed class SessionAttackTests
{
    private const string AllOrders = """SELECT * FROM "Orders" """;

    private static readonly string[] Statements =
    [
        """SET search_path TO "tenant_t-00" """,
        "SET LOCAL search_path TO public",
        "SET ROLE pg_monitor",
        """CREATE TEMP TABLE "Orders" AS SELECT * FROM "tenant_t-00"."Orders" """,
        "SET default_transaction_read_only = on",
        "SELECT pg_advisory_lock(4711)",
        "BEGIN",
        "PREPARE theirs AS SELECT 1",
        "SELECT set_config('app.tenant', 't-00', false)",
    ];

    [Theory]
    [InlineData("")]
    [InlineData(";Max Auto Prepare=20;Auto Prepare Min Usages=1")]
    public async Task A_session_left_dirty_is_clean_for_the_next_tenant(string settings)
    {
        await using var world = await TenantWorld.SchemasAsync(maxPoolSize: 1);
        await using var services = TenantWorld.Build(world.ConnectionString + settings, Isolation.Schema, [world.A, world.B]);
        foreach (var sql in Statements)
        {
            await CheckAsync(sql, world, services.GetRequiredService<ITenantDbContextFactory<ShopDb>>());
        }
    }

    [Fact]
    public async Task A_TransactionScope_is_one_tenants()
    {
        await using var world = await TenantWorld.SchemasAsync();
        using (var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await using (var first = world.Factory<ShopDb>().Create(world.A))
            {
                (await first.Database.ExecuteSqlRawAsync("""UPDATE "Orders" SET "Version" = 1""")).ShouldBe(3);
            }

            // Npgsql would hand on the session with the search path of A, for any command of the user's own.
            await using var second = world.Factory<ShopDb>().Create(world.B);
            await Should.ThrowAsync<TenantMismatchException>(() => second.Database.OpenConnectionAsync());
            await Should.ThrowAsync<TenantMismatchException>(() => second.Orders.ToListAsync());
            using (new TransactionScope(TransactionScopeOption.RequiresNew, TransactionScopeAsyncFlowOption.Enabled))
            {
                (await second.Orders.CountAsync()).ShouldBe(3);
            }

            await using var again = world.Factory<PlainDb>().Create(world.A);
            (await again.Orders.CountAsync(order => order.Version == 1)).ShouldBe(3);
            transaction.Complete();
        }

        await using var after = world.Factory<ShopDb>().Create(world.B);
        (await after.Orders.CountAsync(order => order.Version == 0)).ShouldBe(3);
    }

    [Fact]
    public async Task A_transaction_of_one_tenant_is_not_used_by_another()
    {
        await using var world = await TenantWorld.SchemasAsync();
        await using var first = world.Factory<ShopDb>().Create(world.A);
        await using var second = world.Factory<ShopDb>().Create(world.B);
        await using var transaction = await first.Database.BeginTransactionAsync();
        await Should.ThrowAsync<InvalidOperationException>(() => second.Database.UseTransactionAsync(transaction.GetDbTransaction()));
        (await second.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-01"]);
    }

    [Fact]
    public async Task Raw_sql_reads_the_tenants_tables_wherever_it_stands_in_a_query()
    {
        await using var world = await TenantWorld.SchemasAsync();
        await using var db = world.Factory<ShopDb>().Create(world.A);
        var raw = db.Orders.FromSqlRaw(AllOrders);
        (await raw.AsSplitQuery().Include(order => order.Lines).ToListAsync()).SelectMany(order => order.Lines).Count().ShouldBe(6);
        (await db.Set<Line>().CountAsync(line => raw.Any(order => order.Id == line.OrderId))).ShouldBe(6);
        (await db.Orders.Where(order => order.Id == 1).Union(raw).CountAsync()).ShouldBe(3);
        (await db.Orders.FromSqlRaw("""WITH own AS (SELECT * FROM "Orders") SELECT * FROM own""").ToListAsync()).Count.ShouldBe(3);
        (await raw.ExecuteUpdateAsync(set => set.SetProperty(order => order.Version, 2))).ShouldBe(3);
        (await db.Orders.ExecuteUpdateAsync(set => set.SetProperty(order => order.Version, _ => raw.Count()))).ShouldBe(3);
        (await raw.Where(order => order.Version == 3).ExecuteDeleteAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task A_query_turned_into_text_or_a_command_reads_nothing_by_itself()
    {
        await using var world = await TenantWorld.SchemasAsync();
        await using var db = world.Factory<ShopDb>().Create(world.A);
        await db.Database.OpenConnectionAsync();
        await using var command = db.Orders.CreateDbCommand();
        await Should.ThrowAsync<PostgresException>(() => command.ExecuteScalarAsync());
        (await db.Orders.TagWith(db.Orders.FromSqlRaw(AllOrders).ToQueryString()).CountAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task Shared_tables_take_their_keys_from_HiLo_where_the_search_path_is_always_set()
    {
        await using var world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.AddSharedDbContext<HiLoDb>(options => options.AlwaysSetSearchPath()));
        await world.ExecuteAsync("""CREATE SEQUENCE shared."EntityFrameworkHiLoSequence" START 100 INCREMENT 10""");
        await using var db = world.Services.GetRequiredService<ISharedDbContextFactory<HiLoDb>>().Create();
        db.Add(new Product { Name = "plum" });
        (await db.SaveChangesAsync()).ShouldBe(1);
    }

    private static async Task CheckAsync(string sql, TenantWorld world, ITenantDbContextFactory<ShopDb> factory)
    {
        int backend;
        await using (var first = factory.Create(world.A))
        {
            await first.Database.OpenConnectionAsync();
            backend = ((NpgsqlConnection)first.Database.GetDbConnection()).ProcessID;
            (await first.Orders.FromSqlRaw(AllOrders).ToListAsync()).Count.ShouldBe(3);
            await first.Database.ExecuteSqlRawAsync(sql);
        }

        await using var second = factory.Create(world.B);
        await second.Database.OpenConnectionAsync();
        ((NpgsqlConnection)second.Database.GetDbConnection()).ProcessID.ShouldBe(backend);
        (await second.Orders.FromSqlRaw(AllOrders).ToListAsync()).Select(order => order.Owner).Distinct().ShouldBe(["t-01"], sql);
        second.Add(new Order { Owner = "t-01" });
        (await second.SaveChangesAsync()).ShouldBe(1);
        (await second.Database.SqlQueryRaw<string>("""
            SELECT concat(current_user = session_user, (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), current_setting('app.tenant', true)) AS "Value"
            """).SingleAsync()).ShouldBe("t0", sql);
    }

    public sealed class HiLoDb(DbContextOptions<HiLoDb> options) : DbContext(options)
    {
        public DbSet<Product> Products => Set<Product>();

        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.UseHiLo();
    }
}
