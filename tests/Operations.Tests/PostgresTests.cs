using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Freehold.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Freehold.Operations.Tests.ProvisioningTests;

namespace Freehold.Operations.Tests;

public class PostgresTests
{
    private static readonly Tenant Acme = new("acme");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<Kind> Kinds => [Kind.Schemas, Kind.Databases];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Tenants_share_an_enum_type_and_every_one_of_them_can_be_migrated(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<DiaryDb>(Mapped).AddOperations());
        foreach (var id in new[] { "acme", "globex" })
        {
            await fleet.Provisioner.ProvisionAsync(new Tenant(id), Cancelled);
            await fleet.InAsync<DiaryDb, int>(id, db =>
            {
                db.Add(new Day { Mood = Mood.Dark });
                return db.SaveChangesAsync(Cancelled);
            });

            (await fleet.InAsync<DiaryDb, Mood>(id, db => db.Days.Select(day => day.Mood).SingleAsync(Cancelled))).ShouldBe(Mood.Dark);
            (await fleet.SqlAsync(id, "SELECT typnamespace::regnamespace::text FROM pg_type WHERE typname = 'mood'")).ShouldBe("types");
        }
    }

    [Fact]
    public async Task An_enum_type_made_by_a_migration_is_known_to_connections_that_were_open_before()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<DiaryDb>(Mapped).AddOperations());
        await fleet.InAsync<DiaryDb, int>("acme", async db =>
        {
            await db.Database.OpenConnectionAsync(Cancelled);
            return 0;
        });

        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);

        (await fleet.InAsync<DiaryDb, int>("acme", db =>
        {
            db.Add(new Day { Mood = Mood.Dark });
            return db.SaveChangesAsync(Cancelled);
        })).ShouldBe(1);
    }

    [Fact]
    public async Task Sixteen_migrations_of_one_tenant_at_once_apply_each_step_once_also_an_index_built_concurrently()
    {
        await using var fleet = await Fleet.StartAsync(
            Kind.Schemas, tenancy => tenancy.UseTenants(Acme).AddDbContext<DiaryDb>(Mapped).AddOperations());
        await fleet.SqlAsync("acme", "CREATE SCHEMA tenant_acme; CREATE SCHEMA types");

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => fleet.Provisioner.MigrateAsync(Acme, Cancelled), Cancelled)));

        results.SelectMany(result => result.Applied).Select(migration => migration.Id)
            .ShouldBe(["20260201000000_Days", "20260202000000_DarkDays", "20260203000000_DaysByMood"], ignoreOrder: true);
        (await fleet.SqlAsync("acme", "SELECT count(*) FROM pg_index WHERE indrelid = '\"Days\"'::regclass AND indisvalid")).ShouldBe(2L);
    }

    [Fact]
    public async Task A_tenant_that_is_busy_for_too_long_is_a_retryable_error_that_names_it()
    {
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy
            .AddDbContext<ShopDb>(options => options.UseAsyncSeeding(async (_, _, token) =>
            {
                entered.TrySetResult();
                await release.Task.WaitAsync(TimeSpan.FromMinutes(1), token);
            }))
            .AddOperations(options => options.LockTimeout = TimeSpan.FromMilliseconds(100)));
        var first = fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await Task.WhenAny(entered.Task, first);

        var refusal = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.MigrateAsync(Acme, Cancelled));

        refusal.IsRetryable.ShouldBeTrue();
        refusal.Message.ShouldContain("'acme'");
        refusal.Message.ShouldContain("LockTimeout");
        release.SetResult();
        (await first).State.ShouldBe(TenantState.Active);
        await fleet.Provisioner.MigrateAsync(Acme, Cancelled);
    }

    [Fact]
    public async Task A_schema_that_holds_something_else_is_neither_filled_nor_dropped_and_the_error_says_how_to_give_it_away()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UseTenants(Acme).AddDbContext<ShopDb>().AddOperations());
        await fleet.SqlAsync("acme", "CREATE SCHEMA tenant_acme; CREATE TABLE tenant_acme.theirs (id int)");

        var provisioning = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));
        var dropping = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled));

        const string remedy = "COMMENT ON SCHEMA \"tenant_acme\" IS 'Freehold tenant acme'";
        provisioning.Message.ShouldContain(remedy);
        dropping.Message.ShouldContain(remedy);
        (await fleet.Store.FindAsync(Acme.Id, Cancelled))!.State.ShouldBe(TenantState.Active);
        (await fleet.TablesAsync("acme")).ShouldBe(["theirs"]);

        await fleet.SqlAsync("acme", remedy);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        (await fleet.TablesAsync("acme")).ShouldContain("Orders");
    }

    [Fact]
    public async Task A_database_that_holds_something_else_is_neither_filled_nor_dropped()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Databases, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        var theirs = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(theirs);
        await source.CreateCommand("CREATE TABLE theirs (id int)").ExecuteNonQueryAsync(Cancelled);
        var tenant = Acme with
        {
            Placement = new TenantPlacement(Isolation.Database) { Database = new NpgsqlConnectionStringBuilder(theirs).Database },
        };

        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(tenant, Cancelled))).Message.ShouldContain("COMMENT ON DATABASE");
        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(tenant, cancellationToken: Cancelled))).Message.ShouldContain("COMMENT ON DATABASE");

        (await source.CreateCommand("SELECT count(*) FROM theirs").ExecuteScalarAsync(Cancelled)).ShouldBe(0L);
    }

    [Fact]
    public async Task The_servers_own_database_and_PostgreSQLs_own_are_no_tenants()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Databases, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        var own = new NpgsqlConnectionStringBuilder(fleet.ConnectionString).Database!;
        foreach (var database in new[] { own, "postgres", "template0", "template1" })
        {
            var tenant = Acme with { Placement = new TenantPlacement(Isolation.Database) { Database = database } };
            (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Provisioner.DropAsync(tenant, cancellationToken: Cancelled))).Message.ShouldContain(database);
            (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Provisioner.ProvisionAsync(tenant, Cancelled))).Message.ShouldContain(database);
            (await fleet.Store.FindAsync(Acme.Id, Cancelled)).ShouldBeNull();
        }

        foreach (var schema in new[] { "public", "shared", "types", "pg_catalog", "information_schema" })
        {
            var tenant = Acme with { Placement = new TenantPlacement(Isolation.Schema) { Schema = schema } };
            await Should.ThrowAsync<Exception>(() => fleet.Provisioner.DropAsync(tenant, cancellationToken: Cancelled));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_role_that_may_not_create_is_told_what_to_grant_and_repeating_works_after_the_grant(Kind kind)
    {
        var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var admin = NpgsqlDataSource.Create(database);
        var role = $"r{Guid.NewGuid():N}";
        await admin.CreateCommand($"CREATE ROLE {role} LOGIN PASSWORD 'secret-word'").ExecuteNonQueryAsync(Cancelled);
        var settings = new NpgsqlConnectionStringBuilder(database) { Username = role, Password = "secret-word" };
        await using (var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations(), settings.ConnectionString))
        {
            var refusal = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));
            refusal.Message.ShouldContain("'acme'");
            refusal.Message.ShouldContain(kind == Kind.Schemas ? "CREATE ON DATABASE" : "CREATEDB");
            refusal.ToString().ShouldNotContain("secret-word");
            (await fleet.Store.FindAsync(Acme.Id, Cancelled))!.State.ShouldBe(TenantState.Failed);

            var grant = kind == Kind.Schemas ? $"GRANT CREATE ON DATABASE {settings.Database} TO {role}" : $"ALTER ROLE {role} CREATEDB";
            await admin.CreateCommand(grant).ExecuteNonQueryAsync(Cancelled);
            (await fleet.Provisioner.ProvisionAsync(Acme, Cancelled)).State.ShouldBe(TenantState.Active);
        }
    }

    [Fact]
    public async Task A_missing_schema_does_not_send_tables_to_the_types_schema()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UseTenants(Acme).AddDbContext<ShopDb>().AddOperations());
        await fleet.SqlAsync("acme", "CREATE SCHEMA types");

        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.MigrateAsync(Acme, Cancelled))).Message.ShouldContain("tenant_acme");

        (await fleet.SqlAsync("acme", "SELECT count(*) FROM pg_class WHERE relnamespace = 'types'::regnamespace")).ShouldBe(0L);
    }

    [Fact]
    public async Task Shared_tables_come_first_and_tenants_reference_them()
    {
        await using var fleet = await Fleet.StartAsync(
            Kind.Schemas, tenancy => tenancy.AddDbContext<CustomerDb>().AddSharedDbContext<GeoDb>().AddOperations());

        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        (await fleet.Provisioner.MigrateSharedAsync(Cancelled)).Applied.ShouldBeEmpty();

        await using (var geo = fleet.Services.GetRequiredService<ISharedDbContextFactory<GeoDb>>().Create())
        {
            geo.Add(new Country { Id = "NO" });
            await geo.SaveChangesAsync(Cancelled);
        }

        (await fleet.TablesAsync("acme")).ShouldBe(["Customers", "__EFMigrationsHistory"], ignoreOrder: true);
        (await fleet.SqlAsync("acme", "INSERT INTO \"Customers\" VALUES (gen_random_uuid(), 'NO') RETURNING \"CountryId\"")).ShouldBe("NO");
        (await fleet.SqlAsync("acme", "SELECT count(*) FROM shared.\"__EFMigrationsHistory\"")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_tenants_database_is_dropped_although_it_is_in_use()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Databases, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await AddOrderAsync(fleet, "acme", "tea");
        await using var inUse = await fleet.ConnectAsync("acme");

        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);

        (await fleet.ExistsAsync("acme")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_schema_in_use_is_a_retryable_error_and_repeating_drops_it()
    {
        await using var fleet = await Fleet.StartAsync(
            Kind.Schemas, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations(options => options.LockTimeout = TimeSpan.FromMilliseconds(100)));
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await using (var inUse = await fleet.ConnectAsync("acme"))
        {
            await using var reading = inUse.CreateCommand();
            reading.CommandText = "BEGIN; SELECT * FROM \"Orders\"";
            await reading.ExecuteNonQueryAsync(Cancelled);

            (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled))).IsRetryable.ShouldBeTrue();
            (await fleet.Store.FindAsync(Acme.Id, Cancelled))!.State.ShouldBe(TenantState.Deleted);
        }

        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        (await fleet.ExistsAsync("acme")).ShouldBeFalse();
    }

    private static void Mapped(DbContextOptionsBuilder options) => options.UseNpgsql(npgsql => npgsql.MapEnum<Mood>("mood", "types"));
}
