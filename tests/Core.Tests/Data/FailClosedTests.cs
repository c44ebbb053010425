using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Core.Tests.Data;

/// <summary>What has no tenant, the wrong one, or one whose tables are gone, reads and changes nothing: least of all <c>public</c>.</summary>
public sealed class FailClosedTests : IAsyncLifetime
{
    private TenantWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await TenantWorld.SchemasAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Without_a_tenant_no_context_is_made()
    {
        Should.Throw<TenantMissingException>(() => _world.Factory<ShopDb>().Create());
        await using var scope = _world.Services.CreateAsyncScope();
        Should.Throw<TenantMissingException>(() => scope.ServiceProvider.GetRequiredService<ShopDb>());
    }

    [Fact]
    public async Task A_context_refuses_to_work_while_another_tenant_is_ambient()
    {
        await using var db = _world.Factory<ShopDb>().Create(_world.A);
        var order = await db.Orders.FirstAsync();
        using var entered = TenantScope.Enter(_world.B);

        await Should.ThrowAsync<TenantMismatchException>(() => db.Orders.ToListAsync());
        Should.Throw<TenantMismatchException>(() => db.Orders.ToList());
        await Should.ThrowAsync<TenantMismatchException>(() => db.Database.OpenConnectionAsync());
        await Should.ThrowAsync<TenantMismatchException>(() => db.Database.BeginTransactionAsync());
        await Should.ThrowAsync<TenantMismatchException>(() => db.Database.ExecuteSqlRawAsync("""DELETE FROM "Orders" """));
        order.Owner = "forged";
        var refused = await Should.ThrowAsync<TenantMismatchException>(() => db.SaveChangesAsync());
        refused.Code.ShouldBe("TENANT_MISMATCH");
        refused.Message.ShouldContain("t-00");
        (await _world.OwnersAsync(_world.A)).ShouldBe("t-00=3");
    }

    [Fact]
    public async Task A_transaction_is_not_committed_while_another_tenant_is_ambient_but_rolls_back_and_closes()
    {
        await using var db = _world.Factory<ShopDb>().Create(_world.A);
        await using var transaction = await db.Database.BeginTransactionAsync();
        (await db.Orders.ExecuteDeleteAsync()).ShouldBe(3);
        using var entered = TenantScope.Enter(_world.B);
        await Should.ThrowAsync<TenantMismatchException>(() => transaction.CommitAsync());
        await transaction.RollbackAsync();
        await db.Database.CloseConnectionAsync();
        (await _world.OwnersAsync(_world.A)).ShouldBe("t-00=3");
    }

    [Fact]
    public async Task A_context_for_another_tenant_than_the_ambient_one_is_not_made()
    {
        using var entered = TenantScope.Enter(_world.A);
        Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.B));
        await using var scope = _world.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ShopDb>();
        using var other = TenantScope.Enter(_world.B);

        // The same DI scope has the same context, and that one refuses.
        var again = scope.ServiceProvider.GetRequiredService<ShopDb>();
        again.ShouldBeSameAs(db);
        await Should.ThrowAsync<TenantMismatchException>(() => again.Orders.ToListAsync());
    }

    [Fact]
    public async Task Where_no_tenant_is_ambient_a_bound_context_works_until_it_is_returned()
    {
        ShopDb db;
        await using (db = _world.Factory<ShopDb>().Create(_world.A))
        {
            using var none = TenantScope.EnterNone();
            (await db.Orders.CountAsync()).ShouldBe(3);
        }

        await Should.ThrowAsync<ObjectDisposedException>(() => db.Orders.CountAsync());
    }

    [Fact]
    public async Task A_command_of_the_users_own_on_the_contexts_connection_sees_no_tables()
    {
        await using var db = _world.Factory<ShopDb>().Create(_world.A);
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = """SELECT count(*) FROM "Orders" """;
        (await Should.ThrowAsync<PostgresException>(() => command.ExecuteScalarAsync())).SqlState.ShouldBe("42P01");
    }

    [Fact]
    public async Task Raw_sql_leaves_no_search_path_behind_for_the_next_user_of_the_connection()
    {
        var pool = await TenantWorld.SchemasAsync(maxPoolSize: 1);
        await using var _ = pool;
        await using (var db = pool.Factory<ShopDb>().Create(pool.A))
        {
            await db.Database.OpenConnectionAsync();
            (await db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).CountAsync()).ShouldBe(3);
        }

        await using var next = pool.Factory<ShopDb>().Create(pool.B);
        next.Database.GetDbConnection().State.ShouldBe(ConnectionState.Closed);
        await next.Database.OpenConnectionAsync();
        await using var command = next.Database.GetDbConnection().CreateCommand();
        command.CommandText = "SHOW search_path";
        (await command.ExecuteScalarAsync()).ShouldBe("\"freehold_nobody\"");
    }

    [Fact]
    public async Task A_tenant_whose_schema_does_not_exist_is_unavailable_and_reads_nothing_from_public()
    {
        await using var db = _world.Factory<ShopDb>().Create(new Tenant("ghost"));
        var linq = await Should.ThrowAsync<TenantUnavailableException>(() => db.Orders.ToListAsync());
        linq.TenantId.ShouldBe("ghost");
        linq.Message.ShouldContain("Provision or migrate");
        await Should.ThrowAsync<PostgresException>(() => db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).ToListAsync());
        await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("""DELETE FROM "Orders" """));
    }

    [Fact]
    public async Task A_table_that_one_tenant_lacks_is_not_read_from_public()
    {
        await _world.ExecuteAsync("""DROP TABLE "tenant_t-00"."Orders" CASCADE""");
        await using var db = _world.Factory<ShopDb>().Create(_world.A);
        await Should.ThrowAsync<TenantUnavailableException>(() => db.Orders.ToListAsync());
        await Should.ThrowAsync<PostgresException>(() => db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).ToListAsync());
    }

    [Fact]
    public async Task An_application_cannot_create_migrate_or_drop_databases_through_a_tenants_context()
    {
        await using var db = _world.Factory<ShopDb>().Create(_world.A);
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => db.Database.MigrateAsync());
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => db.Database.EnsureDeletedAsync());
        Should.Throw<MultiTenancyConfigurationException>(() => db.Database.EnsureDeleted());
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => db.Database.EnsureCreatedAsync());
        (await _world.OwnersAsync(_world.A)).ShouldBe("t-00=3");
    }

    [Fact]
    public async Task Shared_tables_are_read_only_in_a_tenants_context()
    {
        await using var db = _world.Factory<ShopDb>().Create(_world.A);
        db.Add(new Product { Id = 9, Name = "forged" });
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => db.SaveChangesAsync());
        db.ChangeTracker.Clear();
        (await db.Products.FirstAsync()).Name = "forged";
        Should.Throw<MultiTenancyConfigurationException>(() => db.SaveChanges());
        db.ChangeTracker.Clear();
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() =>
            db.Products.ExecuteUpdateAsync(set => set.SetProperty(product => product.Name, "forged")));
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => db.Products.TagWith("mine").ExecuteDeleteAsync());
        (await db.Products.OrderBy(product => product.Id).Select(product => product.Name).ToListAsync()).ShouldBe(["apple", "pear"]);
    }

    [Fact]
    public async Task Shared_tables_are_written_where_the_application_says_so()
    {
        await using var world = await TenantWorld.SchemasAsync(options: options => options.AllowSharedWrites());
        await using var db = world.Factory<ShopDb>().Create(world.A);
        db.Add(new Product { Id = 9, Name = "quince" });
        (await db.SaveChangesAsync()).ShouldBe(1);
        (await db.Products.Where(product => product.Id == 9).ExecuteDeleteAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Text_that_looks_like_a_placeholder_stays_what_it_is()
    {
        const string Text = "\"{tenant}\".\"Orders\"";
        await using var db = _world.Factory<ShopDb>().Create(_world.A);
        (await db.Orders.Where(order => order.Id == 1).Select(_ => Text).SingleAsync()).ShouldBe(Text);
        (await db.Orders.TagWith(Text).CountAsync(order => order.Owner != Text)).ShouldBe(3);
    }

    [Fact]
    public async Task A_trigger_that_names_tables_without_a_schema_works_where_the_search_path_is_always_set()
    {
        await using var world = await TenantWorld.SchemasAsync(options: options => options.AlwaysSetSearchPath());
        foreach (var tenant in world.Tenants)
        {
            await world.ExecuteAsync($"""
                CREATE FUNCTION "tenant_{tenant.Id}".log_order() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN INSERT INTO "Line" ("Owner", "OrderId") VALUES (NEW."Owner", NEW."Id"); RETURN NEW; END';
                CREATE TRIGGER log AFTER INSERT ON "tenant_{tenant.Id}"."Orders" FOR EACH ROW EXECUTE FUNCTION "tenant_{tenant.Id}".log_order();
                """);
            await using var db = world.Factory<ShopDb>().Create(tenant);
            db.AddRange(new Order { Owner = tenant.Id.Value }, new Order { Owner = tenant.Id.Value });
            (await db.SaveChangesAsync()).ShouldBe(2);
            db.Add(new Order { Owner = tenant.Id.Value });
            db.SaveChanges().ShouldBe(1);
            (await world.OwnersAsync(tenant, "Line")).ShouldBe($"{tenant.Id}=9");
        }
    }

    [Fact]
    public async Task A_pooled_context_works_for_its_next_tenant_after_an_error_and_a_transaction_left_open()
    {
        foreach (var tenant in new[] { _world.A, _world.B, _world.A })
        {
            await using var db = _world.Factory<ShopDb>().Create(tenant);
            await db.Database.OpenConnectionAsync();
            await db.Database.BeginTransactionAsync();
            (await db.Orders.ExecuteDeleteAsync()).ShouldBe(3);
            await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("SELECT 1 / 0"));
        }

        await using var after = _world.Factory<ShopDb>().Create(_world.B);
        after.Database.CurrentTransaction.ShouldBeNull();
        (await after.Orders.Select(order => order.Owner).ToListAsync()).ShouldBe(["t-01", "t-01", "t-01"]);
    }
}
