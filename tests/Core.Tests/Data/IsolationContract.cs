using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Data;

/// <summary>A schema for each tenant.</summary>
public sealed class SchemaIsolationTests : IsolationContract
{
    protected override Task<TenantWorld> WorldAsync() => TenantWorld.SchemasAsync();
}

/// <summary>The rows of all tenants in one schema.</summary>
public sealed class RowIsolationTests : IsolationContract
{
    protected override Task<TenantWorld> WorldAsync() => TenantWorld.RowsAsync();
}

/// <summary>One tenant among the rows of others, and one with a schema of its own, over one model.</summary>
public sealed class HybridIsolationTests : IsolationContract
{
    protected override Task<TenantWorld> WorldAsync() => TenantWorld.RowsAsync(isHybrid: true);
}

/// <summary>Every way EF has to read and write, for two tenants in turn: each sees its own rows, all of them, and nobody else's.</summary>
public abstract class IsolationContract : IAsyncLifetime
{
    // Not static: a compiled query is of one model, and each isolation has its own.
    private readonly Func<ShopDb, int, Task<Order?>> _byId =
        EF.CompileAsyncQuery((ShopDb db, int id) => db.Orders.Include(order => order.Lines).FirstOrDefault(order => order.Id == id));

    private TenantWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await WorldAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _world.DisposeAsync();
    }

    [Fact]
    public Task A_query_with_includes_reads_the_tenants_rows() => ForEachAsync(async (db, owner) =>
    {
        var orders = await db.Orders.Include(order => order.Lines).OrderBy(order => order.Id).ToListAsync();
        orders.Select(order => order.Owner).ShouldBe([owner, owner, owner]);
        orders.SelectMany(order => order.Lines).Select(line => line.Owner).ShouldBe(Enumerable.Repeat(owner, 6));
    });

    [Fact]
    public Task A_split_query_reads_the_tenants_rows() => ForEachAsync(async (db, owner) =>
    {
        var orders = await db.Orders.AsSplitQuery().Include(order => order.Lines).ToListAsync();
        orders.SelectMany(order => order.Lines).Select(line => line.Owner).ShouldBe(Enumerable.Repeat(owner, 6));
    });

    [Fact]
    public Task A_compiled_query_reads_the_tenants_rows() => ForEachAsync(async (db, owner) =>
    {
        var order = (await _byId(db, 2)).ShouldNotBeNull();
        order.Owner.ShouldBe(owner);
        order.Lines.Count.ShouldBe(2);
    });

    [Fact]
    public Task Tenant_tables_join_with_shared_tables_in_one_query() => ForEachAsync(async (db, owner) =>
    {
        var lines = await db.Set<Line>().Where(line => line.Product!.Name == "pear").Select(line => new { line.Owner, line.Product!.Name }).ToListAsync();
        lines.ShouldBe(Enumerable.Repeat(new { Owner = owner, Name = "pear" }, 3));
    });

    [Fact]
    public Task Raw_sql_without_a_schema_reads_the_tenants_rows() => ForEachAsync(async (db, owner) =>
    {
        (await db.Orders.FromSql($"""SELECT * FROM "Orders" WHERE "Id" = {2}""").Select(order => order.Owner).ToListAsync()).ShouldBe([owner]);
        (await db.Orders.FromSqlRaw("""SELECT * FROM "Orders" ORDER BY "Id" """).ToListAsync()).Select(order => order.Owner).ShouldBe([owner, owner, owner]);
        (await db.Database.SqlQuery<string>($"""SELECT "Owner" FROM "Orders" WHERE "Id" = {1}""").ToListAsync()).ShouldBe([owner]);
        (await db.Database.SqlQueryRaw<string>("""SELECT "Owner" AS "Value" FROM "Orders" """).Where(found => found != "x").CountAsync()).ShouldBe(3);
    });

    [Fact]
    public Task Linq_composed_over_raw_sql_reads_the_tenants_rows() => ForEachAsync(async (db, owner) =>
    {
        var orders = await db.Orders.FromSql($"""SELECT * FROM "Orders" WHERE "Id" > {1}""").TagWith("mine").Include(order => order.Lines).ToListAsync();
        orders.Select(order => order.Owner).ShouldBe([owner, owner]);
        orders.SelectMany(order => order.Lines).Select(line => line.Owner).ShouldBe(Enumerable.Repeat(owner, 4));

        var inner = db.Orders.Where(order => db.Set<Line>().FromSqlRaw("""SELECT * FROM "Line" """).Any(line => line.OrderId == order.Id));
        (await inner.CountAsync()).ShouldBe(3);
    });

    [Fact]
    public Task ExecuteSql_writes_the_tenants_rows_and_counts_them() => ForEachAsync(async (db, owner) =>
    {
        (await db.Database.ExecuteSqlAsync($"""UPDATE "Orders" SET "Version" = {7} WHERE "Id" <= 2""")).ShouldBe(2);
        (await db.Orders.CountAsync(order => order.Version == 7 && order.Owner == owner)).ShouldBe(2);
    });

    [Fact]
    public Task ExecuteUpdate_and_ExecuteDelete_touch_only_the_tenants_rows() => ForEachAsync(async (db, _) =>
    {
        (await db.Orders.Where(order => order.Id < 3).ExecuteUpdateAsync(set => set.SetProperty(order => order.Version, 5))).ShouldBe(2);
        (await db.Orders.Where(order => order.Version == 5).ExecuteDeleteAsync()).ShouldBe(2);
        (await db.Orders.CountAsync()).ShouldBe(1);
    });

    [Fact]
    public async Task SaveChanges_writes_the_tenants_rows_in_batches_and_returns_their_keys()
    {
        await ForEachAsync(async (db, owner) =>
        {
            var added = Enumerable.Range(0, 5).Select(_ => new Order { Owner = owner, Lines = { new Line { Owner = owner, ProductId = 1 } } }).ToArray();
            db.AddRange(added);
            (await db.SaveChangesAsync()).ShouldBe(10);
            added.Select(order => order.Id).ShouldBeInOrder();
            added.ShouldAllBe(order => order.Id > 3);
            added[0].Owner += "!";
            db.Remove(added[1]);
            (await db.SaveChangesAsync()).ShouldBe(3);
        });
        (await _world.OwnersAsync(_world.A)).ShouldBe("t-00=6,t-00!=1");
        (await _world.OwnersAsync(_world.B)).ShouldBe("t-01=6,t-01!=1");
        (await _world.OwnersAsync(_world.A, "Line")).ShouldBe("t-00=10");
    }

    [Fact]
    public Task A_concurrency_token_is_checked_on_the_tenants_row() => ForEachAsync(async (db, _) =>
    {
        var order = await db.Orders.SingleAsync(order => order.Id == 1);
        await db.Orders.Where(found => found.Id == 1).ExecuteUpdateAsync(set => set.SetProperty(found => found.Version, 99));
        order.Version = 2;
        await Should.ThrowAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());
    });

    [Fact]
    public async Task A_rolled_back_transaction_leaves_nothing_behind()
    {
        await ForEachAsync(async (db, owner) =>
        {
            await using (var transaction = await db.Database.BeginTransactionAsync())
            {
                await db.Database.ExecuteSqlAsync($"""DELETE FROM "Line" """);
                (await db.Orders.ExecuteDeleteAsync()).ShouldBe(3);
            }

            (await db.Orders.CountAsync(order => order.Owner == owner)).ShouldBe(3);
            (await db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).CountAsync()).ShouldBe(3);
        });
        (await _world.OwnersAsync(_world.A, "Line")).ShouldBe("t-00=6");
    }

    [Fact]
    public Task The_synchronous_methods_read_and_write_the_tenants_rows() => ForEachAsync((db, owner) =>
    {
        db.Orders.Include(order => order.Lines).ToList().SelectMany(order => order.Lines).Select(line => line.Owner).ShouldBe(Enumerable.Repeat(owner, 6));
        db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).Count().ShouldBe(3);
        db.Database.ExecuteSqlRaw("""UPDATE "Orders" SET "Version" = 3""").ShouldBe(3);
        db.Add(new Order { Owner = owner });
        db.SaveChanges().ShouldBe(1);
        return Task.CompletedTask;
    });

    [Fact]
    public async Task A_context_injected_into_a_scope_is_the_ambient_tenants()
    {
        foreach (var tenant in _world.Tenants)
        {
            using var entered = TenantScope.Enter(tenant);
            await using var scope = _world.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ShopDb>();
            (await db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe([tenant.Id.Value]);
        }
    }

    [Fact]
    public async Task One_model_serves_every_tenant()
    {
        await using var first = _world.Factory<ShopDb>().Create(_world.A);
        await using var second = _world.Factory<ShopDb>().Create(_world.B);
        second.Model.ShouldBeSameAs(first.Model);
    }

    [Fact]
    public async Task Work_outside_any_tenant_reads_and_writes_the_shared_tables()
    {
        await using (var catalog = _world.Services.GetRequiredService<ISharedDbContextFactory<CatalogDb>>().Create())
        {
            catalog.Add(new Product { Id = 3, Name = "plum" });
            (await catalog.SaveChangesAsync()).ShouldBe(1);
            (await catalog.Products.FromSqlRaw("""SELECT * FROM "Products" """).CountAsync()).ShouldBe(3);
        }

        await ForEachAsync(async (db, _) => (await db.Products.CountAsync()).ShouldBe(3));
    }

    private async Task ForEachAsync(Func<ShopDb, string, Task> work)
    {
        // Both at the same time, so that pools and caches are shared while it matters.
        await Task.WhenAll(_world.Tenants.Select(tenant => Task.Run(async () =>
        {
            using var entered = TenantScope.Enter(tenant);
            await using var db = _world.Factory<ShopDb>().Create();
            await work(db, tenant.Id.Value);
        })));
    }

    protected abstract Task<TenantWorld> WorldAsync();
}
