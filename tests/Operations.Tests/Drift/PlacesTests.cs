using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Operations.Tests.Drift;

/// <summary>Databases, places of rows, schemas of other names; and what comparing leaves behind: nothing.</summary>
public sealed class PlacesTests
{
    private const string References = """
        SELECT (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'freehold_reference%') + (SELECT count(*) FROM pg_database WHERE datname LIKE 'freehold_reference%')
             + (SELECT count(*) FROM pg_roles WHERE rolname LIKE '%freehold-reference%')
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_is_compared_with_all_its_schemas()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Databases, tenancy => tenancy.AddDbContext<WarehouseDb>().AddOperations());
        await ProvisionAsync(fleet, "acme", "globex", "initech");
        (await CompareAsync(fleet)).Drifted.SelectMany(place => place.Differences).ShouldBeEmpty();

        await fleet.SqlAsync("globex", "ALTER TABLE items ALTER price SET DEFAULT 3; CREATE TYPE types.extra AS ENUM ('a'); CREATE SCHEMA more CREATE TABLE notes (id int); CREATE INDEX items_by_name ON more.notes (id)");

        var place = (await CompareAsync(fleet)).Drifted.ShouldHaveSingleItem();
        place.Tenants.ShouldBe([TenantId.Parse("globex")]);
        place.Database.ShouldBe(fleet.DatabaseOf("globex"));
        place.Differences.Select(difference => (difference.Kind, difference.Subject, difference.Expected, difference.Actual)).ShouldBe([
            (DriftKind.Type, "types.extra", null, "ENUM ('a')"),
            (DriftKind.Table, "more.notes", null, "table"),
            (DriftKind.Default, "items.price", "DEFAULT 1.5", "DEFAULT 3"),
        ]);
        await fleet.SqlAsync("globex", place.RepairSql!);
        await fleet.SqlAsync("globex", "DROP TYPE types.extra; DROP SCHEMA more CASCADE");
        (await CompareAsync(fleet)).HasDrift.ShouldBeFalse();
        (await fleet.SqlAsync("acme", References)).ShouldBe(0L);
    }

    [Fact]
    public async Task A_database_that_is_gone_is_named()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Databases, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await ProvisionAsync(fleet, "acme", "globex");
        await fleet.SqlAsync("acme", $"DROP DATABASE \"{fleet.DatabaseOf("globex")}\" WITH (FORCE)");

        var place = (await CompareAsync(fleet)).Drifted.ShouldHaveSingleItem();

        place.Tenants.ShouldBe([TenantId.Parse("globex")]);
        place.Differences.ShouldHaveSingleItem().Kind.ShouldBe(DriftKind.Place);
    }

    [Fact]
    public async Task A_place_of_rows_is_compared_once_for_all_its_tenants_and_a_repaired_policy_is_Freeholds_own_again()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<LedgerDb>().AddOperations());
        await ProvisionAsync(fleet, "acme", "globex", "initech");
        var clean = await CompareAsync(fleet);
        clean.Drifted.SelectMany(drifted => drifted.Differences).ShouldBeEmpty();
        clean.Compared.ShouldBe(1);

        await fleet.SqlAsync("acme", """ALTER POLICY freehold_tenant ON "Bookings" USING (true); ALTER TABLE "Bookings" NO FORCE ROW LEVEL SECURITY""");

        var place = (await CompareAsync(fleet)).Drifted.ShouldHaveSingleItem();
        place.Tenants.Select(id => id.Value).ShouldBe(["acme", "globex", "initech"]);
        place.Differences.Select(difference => (difference.Kind, difference.Subject)).ShouldBe([
            (DriftKind.Policy, "freehold_tenant ON \"Bookings\""), (DriftKind.RowSecurity, "\"Bookings\""),
        ]);
        place.Differences[1].Expected.ShouldBe("enabled, forced");
        await fleet.SqlAsync("acme", place.RepairSql!);
        (await CompareAsync(fleet)).HasDrift.ShouldBeFalse();
        (await fleet.Provisioner.MigrateAsync(new Tenant("acme"), Cancelled)).Applied.ShouldBeEmpty();
        (await fleet.SqlAsync("acme", References)).ShouldBe(0L);
    }

    [Theory]
    [InlineData("items")]
    [InlineData("shelves")]
    [InlineData("small")]
    [InlineData("a.b-c")]
    [InlineData("it's \\1")]
    public async Task A_schema_named_like_what_is_in_it_is_no_drift_and_its_own_is_found(string schema)
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<WarehouseDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(new Tenant("acme") { Placement = new TenantPlacement(Isolation.Schema) { Schema = schema } }, Cancelled);
        await ProvisionAsync(fleet, "globex");
        (await CompareAsync(fleet)).Drifted.SelectMany(place => place.Differences).ShouldBeEmpty();

        await fleet.SqlAsync("globex", $"""SET search_path TO "{schema}"; DROP VIEW cheap; DROP TRIGGER stamped ON items; ALTER FUNCTION stamp() RESET search_path""");

        var drifted = (await CompareAsync(fleet)).Drifted.ShouldHaveSingleItem();
        drifted.Schema.ShouldBe(schema);
        drifted.Differences.Select(difference => difference.Kind).ShouldBe([DriftKind.Function, DriftKind.View, DriftKind.Trigger]);
        await fleet.SqlAsync("globex", drifted.RepairSql!);
        (await CompareAsync(fleet)).Drifted.SelectMany(place => place.Differences).ShouldBeEmpty(drifted.RepairSql);
    }

    [Fact]
    public async Task Rights_of_a_tenants_own_role_are_no_drift_and_rights_that_others_got_are()
    {
        await using var app = await RolesApp.StartAsync(hasRoles: true);
        foreach (var id in new[] { "acme", "globex" })
        {
            await app.Provisioner.ProvisionAsync(new Tenant(id), Cancelled);
        }

        (await app.CompareAsync()).Drifted.SelectMany(place => place.Differences).ShouldBeEmpty();

        await app.SqlAsync($"""GRANT SELECT ON tenant_globex."Orders" TO {app.Role}; REVOKE DELETE ON tenant_globex."Orders" FROM "{app.Prefix}globex" """);

        var drifted = (await app.CompareAsync()).Drifted.ShouldHaveSingleItem();
        drifted.Differences.Select(difference => (difference.Subject, difference.Expected, difference.Actual)).ShouldBe([
            ($"TABLE \"Orders\" TO {app.Role}", null, "SELECT"), ("TABLE \"Orders\" TO {tenant}", "DELETE, INSERT, SELECT, UPDATE", "INSERT, SELECT, UPDATE"),
        ], ignoreOrder: true);
        await app.SqlAsync(drifted.RepairSql!);
        (await app.CompareAsync()).Drifted.SelectMany(place => place.Differences).ShouldBeEmpty();
        (await app.SqlAsync(References)).ShouldBe(0L);
    }

    [Fact]
    public async Task Rights_that_several_roles_give_in_advance_are_one_difference_and_are_taken_back_from_all()
    {
        await using var app = await RolesApp.StartAsync();
        await app.Provisioner.ProvisionAsync(new Tenant("acme"), Cancelled);
        var migrator = (string)(await app.SqlAsync("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'tenant_acme'"))!;
        await app.SqlAsync("ALTER DEFAULT PRIVILEGES IN SCHEMA tenant_acme GRANT TRIGGER ON TABLES TO PUBLIC");
        await app.SqlAsync("ALTER DEFAULT PRIVILEGES IN SCHEMA tenant_acme GRANT REFERENCES ON TABLES TO PUBLIC", migrator);

        var drifted = (await app.CompareAsync()).Drifted.ShouldHaveSingleItem();

        drifted.Differences.ShouldHaveSingleItem().Actual.ShouldBe("REFERENCES, TRIGGER");
        await app.SqlAsync(drifted.RepairSql!);
        (await app.CompareAsync()).Drifted.SelectMany(place => place.Differences).ShouldBeEmpty(drifted.RepairSql);
    }

    [Fact]
    public async Task A_tenant_that_lacks_a_migration_is_told_to_migrate_first()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<StockedDb>().AddOperations());
        await ProvisionAsync(fleet, "acme", "globex");
        await fleet.SqlAsync("globex", """ALTER TABLE items DROP COLUMN weight; DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20260802000000_StockWeight'""");

        var drifted = (await CompareAsync(fleet)).Drifted.ShouldHaveSingleItem();
        drifted.Pending.ShouldBe([new TenantMigration("StockedDb", "20260802000000_StockWeight")]);
        drifted.Differences.ShouldHaveSingleItem().ShouldBe(new DriftDifference(DriftKind.Column, "items.weight", "column", null, IsRepairable: false));
        drifted.RepairSql.ShouldBeNull();

        await fleet.Provisioner.MigrateAsync(new Tenant("globex"), Cancelled);
        (await CompareAsync(fleet)).HasDrift.ShouldBeFalse();
    }

    [Fact]
    public async Task Nothing_is_left_of_a_reference_that_failed_or_was_cancelled_or_whose_process_died()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.UseTenants(new Tenant("acme")).AddDbContext<AuditDb>().AddOperations());

        var failure = await Should.ThrowAsync<TenantOperationException>(() => CompareAsync(fleet));
        failure.Message.ShouldContain("Gate");
        failure.TenantId.ShouldBeNull();
        (await fleet.SqlAsync("acme", References)).ShouldBe(0L);

        await using var later = await Fleet.StartAsync(
            Kind.Schemas, tenancy => tenancy.AddDbContext<WaitingDb>().AddOperations(), fleet.ConnectionString);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await ProvisionAsync(later, "acme");
        await using (var holder = new NpgsqlConnection(fleet.ConnectionString))
        {
            await holder.OpenAsync(Cancelled);
            await new NpgsqlCommand($"SELECT pg_advisory_lock({WaitingDb.Lock})", holder).ExecuteNonQueryAsync(Cancelled);
            var comparing = later.Services.GetRequiredService<ITenantDrift>().CompareAsync(stop.Token);
            while (await later.SqlAsync("acme", $"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = {WaitingDb.Lock}") is 0L)
            {
                comparing.IsCompleted.ShouldBeFalse();
                await Task.Delay(20, Cancelled); // Nothing tells who waits for a lock.
            }

            await stop.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(comparing);
        }

        (await later.SqlAsync("acme", References)).ShouldBe(0L);

        await later.SqlAsync("acme", """
            CREATE SCHEMA freehold_reference; CREATE TABLE freehold_reference.old (id int);
            DO $$ BEGIN EXECUTE format('COMMENT ON SCHEMA freehold_reference IS %L', 'Freehold tenant freehold-reference-'
                || left(encode(sha256(convert_to(current_database() || '/', 'UTF8')), 'hex'), 12)); END $$
            """);
        (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => CompareAsync(later)))).ShouldAllBe(report => !report.HasDrift);
        (await later.SqlAsync("acme", References)).ShouldBe(0L);
    }

    [Fact]
    public async Task Chosen_tenants_are_compared_alone()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await ProvisionAsync(fleet, "acme", "globex");
        await fleet.SqlAsync("globex", """DROP INDEX "IX_Orders_Item" """);
        var drift = fleet.Services.GetRequiredService<ITenantDrift>();

        (await drift.CompareAsync([new Tenant("acme")], Cancelled)).HasDrift.ShouldBeFalse();
        (await drift.CompareAsync([new Tenant("globex")], Cancelled)).HasDrift.ShouldBeTrue();
        (await drift.CompareAsync([], Cancelled)).Compared.ShouldBe(0);
    }

    [Fact]
    public async Task Files_have_no_catalog_to_compare()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => CompareAsync(fleet))).Message.ShouldContain("SQLite");
    }

    private static Task<DriftReport> CompareAsync(Fleet fleet) => fleet.Services.GetRequiredService<ITenantDrift>().CompareAsync(Cancelled);

    private static async Task ProvisionAsync(Fleet fleet, params string[] ids)
    {
        foreach (var id in ids)
        {
            await fleet.Provisioner.ProvisionAsync(new Tenant(id), Cancelled);
        }
    }
}
