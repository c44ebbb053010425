using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Freehold.Operations.Tests;

/// <summary>Operations on tenants that share the tables of one place.</summary>
public class RowTests
{
    private static readonly Tenant Acme = new("acme");

    private static readonly Tenant Globex = new("globex");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_place_is_made_and_migrated_once_and_each_tenant_is_recorded()
    {
        await using var fleet = await StartAsync();
        var tenants = Enumerable.Range(0, 8).Select(i => new Tenant($"t{i}")).ToArray();

        await Task.WhenAll(tenants.Select(tenant => Task.Run(() => fleet.Provisioner.ProvisionAsync(tenant, Cancelled), Cancelled)));

        foreach (var tenant in tenants)
        {
            (await fleet.Store.FindAsync(tenant.Id, Cancelled))!.State.ShouldBe(TenantState.Active);
            (await fleet.Provisioner.MigrateAsync(tenant, Cancelled)).Applied.ShouldBeEmpty();
            (await fleet.Provisioner.GetPendingAsync(tenant, Cancelled)).ShouldBeEmpty();
            await BookAsync(fleet, tenant, "one");
        }

        (await fleet.SqlAsync("t0", """SELECT count(*) FROM "__EFMigrationsHistory" """)).ShouldBe(2L);
        (await fleet.SqlAsync("t0", """SELECT count(DISTINCT tenant_id) FROM "Bookings" """)).ShouldBe(8L);
        (await fleet.SqlAsync("t0", "SELECT obj_description('tenants'::regnamespace)")).ShouldBe("Freehold rows");
    }

    [Fact]
    public async Task Seeding_runs_for_each_tenant_and_sees_its_rows_only()
    {
        await using var fleet = await StartAsync(options => options.UseAsyncSeeding(async (context, _, token) =>
        {
            if (!await context.Set<Booking>().AnyAsync(token))
            {
                context.Add(new Booking { Text = "opening" });
                await context.SaveChangesAsync(token);
            }
        }));
        foreach (var tenant in new[] { Acme, Globex, Acme })
        {
            await fleet.Provisioner.ProvisionAsync(tenant, Cancelled);
        }

        (await BookingsAsync(fleet, Acme)).ShouldBe(["opening"]);
        (await BookingsAsync(fleet, Globex)).ShouldBe(["opening"]);
    }

    [Fact]
    public async Task A_policy_that_was_changed_by_hand_is_seen_and_removing_it_mends_it()
    {
        await using var fleet = await ProvisionedAsync();
        await fleet.SqlAsync("acme", """ALTER POLICY freehold_tenant ON "Bookings" USING (true)""");

        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.MigrateAsync(Acme, Cancelled))).Message.ShouldContain("Bookings");

        await fleet.SqlAsync("acme", """DROP POLICY freehold_tenant ON "Bookings" """);
        await fleet.Provisioner.MigrateAsync(Acme, Cancelled);
        (await BookingsAsync(fleet, Acme)).ShouldBe(["acme's"]);
    }

    [Theory]
    [InlineData("""ALTER TABLE "Bookings" DISABLE ROW LEVEL SECURITY""")]
    [InlineData("""ALTER TABLE "Bookings" NO FORCE ROW LEVEL SECURITY""")]
    public async Task A_table_that_policies_no_longer_bind_is_mended_by_the_next_migration(string change)
    {
        await using var fleet = await ProvisionedAsync();
        await fleet.SqlAsync("acme", change);
        (await UnfilteredAsync()).ShouldBe(2, "the role owns the table, so this is the leak");

        await fleet.Provisioner.MigrateAsync(Acme, Cancelled);

        (await UnfilteredAsync()).ShouldBe(1);

        async Task<int> UnfilteredAsync()
        {
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(fleet.ConnectionString) { Username = fleet.Role, Password = "app" }.ConnectionString);
            await using var command = source.CreateCommand("""SET app.tenant_id TO acme; SELECT count(*)::int FROM tenants."Bookings" """);
            return (int)(await command.ExecuteScalarAsync(Cancelled))!;
        }
    }

    [Fact]
    public async Task A_migration_that_changes_data_changes_everybodys()
    {
        await using var fleet = await ProvisionedAsync();
        await using var later = await Fleet.StartAsync(
            Kind.Rows, tenancy => tenancy.UseTenants(Acme, Globex).AddDbContext<ShoutDb>().AddOperations(), fleet.ConnectionString, fleet.Role);

        (await later.Provisioner.MigrateAsync(Acme, Cancelled)).Applied.ShouldHaveSingleItem();

        (await BookingsAsync(fleet, Acme)).ShouldBe(["ACME'S"]);
        (await BookingsAsync(fleet, Globex)).ShouldBe(["GLOBEX'S"]);
    }

    [Fact]
    public async Task Rows_from_before_isolation_by_row_get_their_tenant()
    {
        await using var fleet = await Fleet.StartAsync(
            Kind.Schemas, tenancy => tenancy.IsolateBy(Isolation.Schema, Isolation.Row).UseTenants(Acme).AddDbContext<LedgerDb>().AddOperations());
        await fleet.SqlAsync("acme", """
            CREATE SCHEMA tenant_acme; COMMENT ON SCHEMA tenant_acme IS 'Freehold tenant acme';
            CREATE TABLE tenant_acme."Bookings" ("Id" int GENERATED BY DEFAULT AS IDENTITY CONSTRAINT "PK_Bookings" PRIMARY KEY, "Text" text NOT NULL);
            INSERT INTO tenant_acme."Bookings" ("Text") VALUES ('old');
            CREATE TABLE tenant_acme."__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL);
            INSERT INTO tenant_acme."__EFMigrationsHistory" VALUES ('20260501000000_Bookings', '10.0.0');
            """);

        (await fleet.Provisioner.MigrateAsync(Acme, Cancelled)).Applied.ShouldHaveSingleItem();

        await BookAsync(fleet, Acme, "new");
        (await BookingsAsync(fleet, Acme)).ShouldBe(["old", "new"]);
        (await fleet.SqlAsync("acme", """SELECT string_agg(DISTINCT tenant_id, ',') FROM "Bookings" """)).ShouldBe("acme");
        (await fleet.SqlAsync("acme", """SELECT relrowsecurity FROM pg_class WHERE oid = '"Bookings"'::regclass""")).ShouldBe(false);
    }

    [Fact]
    public async Task A_tenant_with_a_schema_of_its_own_is_not_put_among_rows()
    {
        await using var fleet = await ProvisionedAsync();
        var schema = new Tenant("initech") { Placement = new TenantPlacement(Isolation.Schema) { Schema = "tenants" } };
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Provisioner.ProvisionAsync(schema, Cancelled));

        var rows = new Tenant("hooli") { Placement = new TenantPlacement(Isolation.Row) { Schema = "elsewhere" } };
        await fleet.Provisioner.ProvisionAsync(rows, Cancelled);
        var among = new Tenant("initech") { Placement = new TenantPlacement(Isolation.Schema) { Schema = "elsewhere" } };
        (await Should.ThrowAsync<TenantConflictException>(() => fleet.Provisioner.ProvisionAsync(among, Cancelled))).Message.ShouldContain("hooli");
    }

    [Fact]
    public async Task A_tenants_rows_are_dropped_and_the_place_and_the_others_stay()
    {
        await using var fleet = await ProvisionedAsync();

        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);

        (await fleet.Store.FindAsync(Acme.Id, Cancelled))!.State.ShouldBe(TenantState.Deleted);
        (await fleet.SqlAsync("acme", """SELECT string_agg(tenant_id, ',') FROM "Bookings" """)).ShouldBe("globex");
        (await BookingsAsync(fleet, Globex)).ShouldBe(["globex's"]);
    }

    [Fact]
    public async Task A_schema_that_holds_something_else_is_no_place_for_rows()
    {
        await using var fleet = await StartAsync();
        await fleet.SqlAsync("acme", "CREATE SCHEMA tenants; CREATE TABLE tenants.theirs (id int)");
        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled))).Message
            .ShouldContain("COMMENT ON SCHEMA \"tenants\" IS 'Freehold rows'");
    }

    private static Task<Fleet> StartAsync(Action<DbContextOptionsBuilder>? options = null) =>
        Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<LedgerDb>(options).AddOperations());

    private static async Task<Fleet> ProvisionedAsync()
    {
        var fleet = await StartAsync();
        foreach (var tenant in new[] { Acme, Globex })
        {
            await fleet.Provisioner.ProvisionAsync(tenant, Cancelled);
            await BookAsync(fleet, tenant, $"{tenant.Id}'s");
        }

        return fleet;
    }

    private static Task<int> BookAsync(Fleet fleet, Tenant tenant, string text) => fleet.InAsync<LedgerDb, int>(tenant.Id.Value, db =>
    {
        db.Add(new Booking { Text = text });
        return db.SaveChangesAsync(Cancelled);
    });

    private static Task<List<string>> BookingsAsync(Fleet fleet, Tenant tenant) =>
        fleet.InAsync<LedgerDb, List<string>>(tenant.Id.Value, db => db.Bookings.OrderBy(booking => booking.Id).Select(booking => booking.Text).ToListAsync(Cancelled));
}
