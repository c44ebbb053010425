using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Freehold.Core.Tests.Data;

/// <summary>
/// Writes with a key that is another tenant's. Order 9 is of the second tenant alone; in each test the first one tries to have it, and it is there
/// afterwards as it was.
/// </summary>
public sealed class RowWriteTests : IAsyncLifetime
{
    private TenantWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await TenantWorld.RowsAsync(configure: tenancy => tenancy.AddDbContext<InjectedDb>());
        await _world.ExecuteAsync("""INSERT INTO "tenant_t-01"."Orders" ("Id", "Owner", "Version") VALUES (9, 't-01', 7)""");
    }

    public async ValueTask DisposeAsync()
    {
        var left = await _world.OwnersAsync(_world.B);
        await _world.DisposeAsync();
        left.ShouldBe("t-01=4");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_detached_update_and_remove_of_a_foreign_key_value_touch_nothing(bool pooled)
    {
        await InAAsync(pooled, async db =>
        {
            db.Update(new Order { Id = 9, Owner = "t-00", Version = 7 });
            await Should.ThrowAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());
        });
        await InAAsync(pooled, async db =>
        {
            db.Remove(new Order { Id = 9, Owner = "t-00", Version = 7 });
            await Should.ThrowAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());
        });
        await InAAsync(pooled, async db =>
        {
            var order = new Order { Id = 9, Owner = "t-01", Version = 7 };
            db.Attach(order);
            order.Owner = "t-00";
            await Should.ThrowAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());
        });
    }

    [Fact]
    public async Task A_detached_update_and_remove_of_an_own_row_work()
    {
        await InAAsync(pooled: true, async db =>
        {
            db.Update(new Order { Id = 1, Owner = "t-00", Version = 0, Lines = { new Line { Id = 1, Owner = "t-00" } } });
            (await db.SaveChangesAsync()).ShouldBe(2);
        });
        await InAAsync(pooled: true, async db =>
        {
            db.Remove(new Order { Id = 1, Owner = "t-00", Version = 0 });
            (await db.SaveChangesAsync()).ShouldBe(1);
            (await db.Set<Order>().CountAsync()).ShouldBe(2);
        });
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task The_predicate_alone_keeps_a_foreign_row_where_there_is_no_policy(bool pooled)
    {
        await _world.ExecuteAsync("""ALTER TABLE tenants."Orders" DISABLE ROW LEVEL SECURITY""");
        await A_detached_update_and_remove_of_a_foreign_key_value_touch_nothing(pooled);
        await InAAsync(pooled, async db => (await db.Set<Order>().Where(order => order.Id == 9).ExecuteDeleteAsync()).ShouldBe(0));
    }

    [Fact]
    public async Task The_filter_alone_asks_the_running_context_for_its_tenant_each_time()
    {
        await _world.ExecuteAsync("""ALTER TABLE tenants."Orders" DISABLE ROW LEVEL SECURITY; ALTER TABLE tenants."Line" DISABLE ROW LEVEL SECURITY""");
        var compiled = EF.CompileAsyncQuery((ShopDb db, int above) => db.Orders.Include(order => order.Lines).Where(order => order.Id > above));
        foreach (var tenant in new[] { _world.A, _world.B, _world.A, _world.B })
        {
            await using var db = _world.Factory<ShopDb>().Create(tenant);
            var own = tenant.Id.Value;
            (await db.Orders.Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe([own]);
            (await db.Set<Line>().Select(line => line.Order!.Owner).Distinct().ToListAsync()).ShouldBe([own]);
            (await db.Orders.SelectMany(order => order.Lines).Select(line => line.Owner).Distinct().ToListAsync()).ShouldBe([own]);
            (await db.Orders.AsSplitQuery().Include(order => order.Lines).ToListAsync()).SelectMany(order => order.Lines).ShouldAllBe(line => line.Owner == own);
            (await db.Orders.FromSqlRaw("""SELECT * FROM "Orders" """).Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe([own]);
            (await compiled(db, 0).ToListAsync()).ShouldAllBe(order => order.Owner == own && order.Lines.All(line => line.Owner == own));
        }
    }

    [Fact]
    public async Task A_record_that_says_by_row_is_refused_where_the_application_does_not_expect_it()
    {
        await using var schemas = await TenantWorld.SchemasAsync();
        Should.Throw<MultiTenancyConfigurationException>(() => schemas.Factory<ShopDb>().Create(new Tenant("acme") { Placement = new(Isolation.Row) }))
            .Message.ShouldContain("IsolateBy");
    }

    [Fact]
    public async Task The_policy_alone_keeps_a_foreign_row_where_filters_are_ignored()
    {
        await InAAsync(pooled: true, async db =>
        {
            (await db.Set<Order>().IgnoreQueryFilters().Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-00"]);
            (await db.Set<Order>().IgnoreQueryFilters([TenantFilter.Name]).CountAsync()).ShouldBe(3);
            (await db.Set<Order>().IgnoreQueryFilters().Where(order => order.Id == 9).ExecuteDeleteAsync()).ShouldBe(0);
            (await db.Set<Order>().IgnoreQueryFilters().Where(order => order.Id == 9).ExecuteUpdateAsync(set => set.SetProperty(order => order.Owner, "t-00"))).ShouldBe(0);
        });
    }

    [Fact]
    public async Task Find_asks_by_the_key_that_the_user_wrote_and_finds_own_rows_only()
    {
        await InAAsync(pooled: true, async db =>
        {
            (await db.Set<Order>().FindAsync(1)).ShouldNotBeNull().Owner.ShouldBe("t-00");
            (await db.Set<Order>().FindAsync(9)).ShouldBeNull();
            db.Find<Order>(9).ShouldBeNull();
        });
    }

    [Fact]
    public async Task A_natural_key_that_another_tenant_has_is_free()
    {
        await InAAsync(pooled: true, async db =>
        {
            db.Add(new Order { Id = 9, Owner = "t-00" });
            (await db.SaveChangesAsync()).ShouldBe(1);
        });
        (await _world.OwnersAsync(_world.A)).ShouldBe("t-00=4");
    }

    [Fact]
    public async Task A_reference_to_another_tenants_row_is_refused_by_the_database()
    {
        await InAAsync(pooled: true, async db =>
        {
            db.Add(new Line { Owner = "t-00", OrderId = 9 });
            var refused = await Should.ThrowAsync<DbUpdateException>(() => db.SaveChangesAsync());
            refused.InnerException.ShouldBeOfType<PostgresException>().SqlState.ShouldBe(PostgresErrorCodes.ForeignKeyViolation);
        });
    }

    [Fact]
    public async Task A_row_does_not_change_hands()
    {
        await InAAsync(pooled: true, async db =>
        {
            var order = await db.Set<Order>().FirstAsync();
            db.Entry(order).Property(TenantColumns.Property).CurrentValue = "t-01";
            (await Should.ThrowAsync<TenantMismatchException>(() => db.SaveChangesAsync())).Code.ShouldBe("TENANT_MISMATCH");
            db.ChangeTracker.Clear();

            var added = new Order { Owner = "t-01" };
            db.Add(added);
            db.Entry(added).Property(TenantColumns.Property).CurrentValue = "t-01";
            await Should.ThrowAsync<TenantMismatchException>(() => db.SaveChangesAsync());
            db.ChangeTracker.Clear();

            var name = TenantColumns.Property;
            await Should.ThrowAsync<MultiTenancyConfigurationException>(() =>
                db.Set<Order>().ExecuteUpdateAsync(set => set.SetProperty(order => EF.Property<string>(order, name), "t-01")));
            await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("""UPDATE "Orders" SET tenant_id = 't-01'"""));
        });
        (await _world.OwnersAsync(_world.A)).ShouldBe("t-00=3");
    }

    [Fact]
    public async Task Raw_sql_writes_own_rows_only()
    {
        await InAAsync(pooled: true, async db =>
        {
            (await db.Database.ExecuteSqlRawAsync("""UPDATE "Orders" SET "Version" = 1""")).ShouldBe(3);
            (await db.Database.ExecuteSqlRawAsync("""DELETE FROM "Orders" WHERE "Id" = 9""")).ShouldBe(0);
            (await db.Database.ExecuteSqlRawAsync("""
                INSERT INTO "Orders" ("Id", "Owner") VALUES (9, 't-00') ON CONFLICT (tenant_id, "Id") DO UPDATE SET "Owner" = 'taken'
                """)).ShouldBe(1);
            await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("""
                INSERT INTO "Orders" (tenant_id, "Id", "Owner") VALUES ('t-01', 9, 't-00') ON CONFLICT (tenant_id, "Id") DO UPDATE SET "Owner" = 'taken'
                """));
            (await db.Database.SqlQuery<string>($"""SELECT "Owner" FROM "Orders" """).ToListAsync()).ShouldAllBe(owner => owner == "t-00");
            await Should.ThrowAsync<PostgresException>(() => db.Database.ExecuteSqlRawAsync("""TRUNCATE "Orders" CASCADE"""));
        });
    }

    [Fact]
    public async Task Set_operations_and_subqueries_see_own_rows_only()
    {
        await InAAsync(pooled: true, async db =>
        {
            var some = db.Set<Order>().Where(order => order.Id == 9);
            (await db.Set<Order>().Concat(some).Select(order => order.Owner).Distinct().ToListAsync()).ShouldBe(["t-00"]);
            (await db.Set<Order>().Except(some).CountAsync()).ShouldBe(3);
            (await db.Set<Line>().CountAsync(line => db.Set<Order>().Any(order => order.Version == 7))).ShouldBe(0);
        });
    }

    [Fact]
    public async Task A_session_without_a_tenant_reads_and_writes_nothing()
    {
        await InAAsync(pooled: true, async db =>
        {
            await db.Database.OpenConnectionAsync();
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = """SELECT count(*) FROM tenants."Orders" """;
            (await command.ExecuteScalarAsync()).ShouldBe(0L);
            command.CommandText = """DELETE FROM tenants."Orders" """;
            (await command.ExecuteNonQueryAsync()).ShouldBe(0);
            command.CommandText = """INSERT INTO tenants."Orders" ("Owner") VALUES ('nobody')""";
            await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        });
    }

    [Fact]
    public async Task A_transaction_that_was_rolled_back_leaves_no_tenant_behind()
    {
        var pool = await TenantWorld.RowsAsync(maxPoolSize: 1);
        await using var _ = pool;
        await using (var db = pool.Factory<ShopDb>().Create(pool.A))
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            (await db.Orders.ExecuteDeleteAsync()).ShouldBe(3);
            await transaction.RollbackAsync();
            (await db.Orders.CountAsync(order => order.Owner == "t-00")).ShouldBe(3);
        }

        await using var next = pool.Factory<ShopDb>().Create(pool.B);
        await next.Database.OpenConnectionAsync();
        await using var command = next.Database.GetDbConnection().CreateCommand();
        command.CommandText = "SELECT coalesce(current_setting('app.tenant_id', true), '')";
        (await command.ExecuteScalarAsync()).ShouldBe("");
    }

    private async Task InAAsync(bool pooled, Func<DbContext, Task> work)
    {
        if (pooled)
        {
            await using var db = _world.Factory<ShopDb>().Create(_world.A);
            await work(db);
        }
        else
        {
            await using var db = _world.Factory<InjectedDb>().Create(_world.A);
            await work(db);
        }
    }

    /// <summary>Takes more than its options, so it is not pooled.</summary>
    public sealed class InjectedDb(DbContextOptions<InjectedDb> options, ITenantContext tenants) : DbContext(options)
    {
        public ITenantContext Tenants => tenants;

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Order>().ToTable("Orders").HasMany(order => order.Lines).WithOne(line => line.Order).HasForeignKey(line => line.OrderId);
            modelBuilder.Entity<Order>().Property(order => order.Version).IsConcurrencyToken();
            modelBuilder.Entity<Line>().Ignore(line => line.Product);
        }
    }
}
