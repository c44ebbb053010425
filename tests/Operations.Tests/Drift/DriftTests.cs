using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Operations.Tests.Drift;

/// <summary>What is changed by hand in one tenant of many is found and named, and nothing is found in the others.</summary>
public sealed class DriftTests
{
    private const string Odd = "t-7";

    private static readonly int Tenants = Environment.GetEnvironmentVariable("FREEHOLD_SOAK") == "1" ? 200 : 20;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A change, its kind, what it is found on, and whether the script repairs it.</summary>
    private static readonly (string Change, DriftKind Kind, string Subject, bool IsRepairable)[] Changes =
    [
        ("DROP TABLE items CASCADE", DriftKind.Table, "items", true),
        ("CREATE TABLE extra (id int PRIMARY KEY, note text)", DriftKind.Table, "extra", false),
        ("ALTER TABLE items SET (fillfactor = 70)", DriftKind.Table, "items", false),
        ("ALTER TABLE items SET UNLOGGED", DriftKind.Table, "items", false),
        ("DROP TABLE events_1", DriftKind.Table, "events_1", false),
        ("ALTER TABLE items DROP COLUMN note CASCADE", DriftKind.Column, "items.note", true),
        ("ALTER TABLE items ADD extra int", DriftKind.Column, "items.extra", false),
        ("ALTER TABLE events ALTER id TYPE bigint", DriftKind.ColumnType, "events.id", true),
        ("ALTER TABLE items ALTER note TYPE varchar(50)", DriftKind.ColumnType, "items.note", true),
        ("ALTER TABLE items ALTER note TYPE text COLLATE \"C\"", DriftKind.ColumnType, "items.note", true),
        ("ALTER TABLE items ALTER note SET NOT NULL", DriftKind.Nullability, "items.note", true),
        ("ALTER TABLE items ALTER price DROP NOT NULL", DriftKind.Nullability, "items.price", true),
        ("ALTER TABLE items ALTER price SET DEFAULT 2", DriftKind.Default, "items.price", true),
        ("ALTER TABLE items ALTER size DROP DEFAULT", DriftKind.Default, "items.size", true),
        ("ALTER TABLE items ALTER note SET DEFAULT 'x'", DriftKind.Default, "items.note", true),
        ("ALTER TABLE shelves ALTER id DROP IDENTITY", DriftKind.Default, "shelves.id", false),
        ("ALTER TABLE shelves ALTER id SET GENERATED ALWAYS", DriftKind.Default, "shelves.id", false),
        ("ALTER TABLE items ALTER total DROP EXPRESSION", DriftKind.Default, "items.total", false),
        ("ALTER TABLE items DROP CONSTRAINT positive", DriftKind.Check, "positive ON items", true),
        ("ALTER TABLE items DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (price >= 0)", DriftKind.Check, "positive ON items", true),
        ("ALTER TABLE items DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (price > 0) NOT VALID", DriftKind.Check, "positive ON items", true),
        ("ALTER TABLE items DROP CONSTRAINT items_pkey", DriftKind.Key, "items_pkey ON items", true),
        ("ALTER TABLE shelves DROP CONSTRAINT shelves_code_key", DriftKind.Key, "shelves_code_key ON shelves", true),
        ("ALTER TABLE shelves DROP CONSTRAINT shelves_place_excl", DriftKind.Key, "shelves_place_excl ON shelves", true),
        ("ALTER TABLE items DROP CONSTRAINT items_shelf_id_fkey", DriftKind.ForeignKey, "items_shelf_id_fkey ON items", true),
        ("ALTER TABLE items DROP CONSTRAINT items_shelf_id_fkey, ADD FOREIGN KEY (shelf_id) REFERENCES shelves (id) ON DELETE SET NULL",
            DriftKind.ForeignKey, "items_shelf_id_fkey ON items", true),
        ("DROP INDEX items_by_name", DriftKind.Index, "items_by_name", true),
        ("DROP INDEX items_by_name; CREATE INDEX items_by_name ON items USING hash (name) WHERE note IS NOT NULL", DriftKind.Index, "items_by_name", true),
        ("DROP INDEX items_by_name; CREATE INDEX items_by_name ON items (name DESC, price) WHERE note IS NOT NULL", DriftKind.Index, "items_by_name", true),
        ("DROP INDEX items_by_name; CREATE INDEX items_by_name ON items (name DESC NULLS LAST, price)", DriftKind.Index, "items_by_name", true),
        ("DROP INDEX items_by_name; CREATE INDEX items_by_name ON items (price, name DESC NULLS LAST) WHERE note IS NOT NULL", DriftKind.Index, "items_by_name", true),
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'items_by_name'::regclass", DriftKind.Index, "items_by_name", true),
        ("DROP INDEX sums_by_shelf", DriftKind.Index, "sums_by_shelf", true),
        ("CREATE UNIQUE INDEX extra ON items (note)", DriftKind.Index, "extra", true),
        ("ALTER SEQUENCE numbers INCREMENT 7", DriftKind.Sequence, "numbers", true),
        ("ALTER SEQUENCE items_id_seq MAXVALUE 9 CYCLE", DriftKind.Sequence, "items_id_seq", true),
        ("ALTER SEQUENCE shelves_id_seq CACHE 9", DriftKind.Sequence, "shelves_id_seq", true),
        ("DROP SEQUENCE numbers", DriftKind.Sequence, "numbers", true),
        ("CREATE SEQUENCE extra", DriftKind.Sequence, "extra", false),
        ("CREATE OR REPLACE VIEW cheap AS SELECT items.id, items.name, shelves.code FROM items JOIN shelves ON shelves.id = items.shelf_id", DriftKind.View, "cheap", true),
        ("ALTER VIEW cheap SET (security_invoker = true)", DriftKind.View, "cheap", true),
        ("DROP VIEW cheap", DriftKind.View, "cheap", true),
        ("CREATE VIEW extra AS SELECT 1 AS one", DriftKind.View, "extra", true),
        ("DROP MATERIALIZED VIEW sums", DriftKind.View, "sums", true),
        ("CREATE OR REPLACE FUNCTION next_number() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('numbers') + 1 $$", DriftKind.Function, "next_number()", true),
        ("ALTER FUNCTION stamp() SECURITY DEFINER", DriftKind.Function, "stamp()", true),
        ("ALTER FUNCTION stamp() RESET search_path", DriftKind.Function, "stamp()", true),
        ("CREATE FUNCTION stamp(x int) RETURNS int LANGUAGE sql AS 'SELECT x'", DriftKind.Function, "stamp(x integer)", true),
        ("CREATE AGGREGATE extra (int) (SFUNC = int4pl, STYPE = int)", DriftKind.Function, "extra(integer)", false),
        ("DROP TRIGGER stamped ON items", DriftKind.Trigger, "stamped ON items", true),
        ("ALTER TABLE items DISABLE TRIGGER stamped", DriftKind.Trigger, "stamped ON items", true),
        ("DROP TRIGGER stamped ON items; CREATE TRIGGER stamped AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION stamp()", DriftKind.Trigger, "stamped ON items", true),
        ("DROP RULE kept ON shelves", DriftKind.Rule, "kept ON shelves", true),
        ("DROP POLICY priced ON items", DriftKind.Policy, "priced ON items", true),
        ("ALTER POLICY priced ON items USING (true)", DriftKind.Policy, "priced ON items", true),
        ("DROP POLICY priced ON items; CREATE POLICY priced ON items USING (price > 0 AND shelf_id IN (SELECT id FROM shelves))", DriftKind.Policy, "priced ON items", true),
        ("CREATE POLICY extra ON shelves AS RESTRICTIVE USING (true)", DriftKind.Policy, "extra ON shelves", true),
        ("ALTER TABLE items DISABLE ROW LEVEL SECURITY", DriftKind.RowSecurity, "items", true),
        ("ALTER TABLE items FORCE ROW LEVEL SECURITY", DriftKind.RowSecurity, "items", true),
        ("GRANT INSERT, SELECT ON items TO PUBLIC", DriftKind.Grant, "TABLE items TO PUBLIC", true),
        ("REVOKE SELECT ON shelves FROM PUBLIC", DriftKind.Grant, "TABLE shelves TO PUBLIC", true),
        ("REVOKE SELECT (name) ON items FROM PUBLIC", DriftKind.Grant, "TABLE items.name TO PUBLIC", true),
        ("REVOKE SELECT (id) ON cheap FROM PUBLIC", DriftKind.Grant, "TABLE cheap.id TO PUBLIC", true),
        ("GRANT SELECT ON cheap TO PUBLIC", DriftKind.Grant, "TABLE cheap TO PUBLIC", true),
        ("REVOKE EXECUTE ON FUNCTION stamp() FROM PUBLIC", DriftKind.Grant, "ROUTINE stamp() TO PUBLIC", true),
        ("GRANT USAGE ON SEQUENCE numbers TO PUBLIC", DriftKind.Grant, "SEQUENCE numbers TO PUBLIC", true),
        ("GRANT USAGE ON SCHEMA \"tenant_t-7\" TO PUBLIC", DriftKind.Grant, "SCHEMA TO PUBLIC", true),
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA \"tenant_t-7\" GRANT SELECT ON TABLES TO PUBLIC", DriftKind.Grant, "DEFAULT ON TABLES TO PUBLIC", true),
        ("ALTER TYPE size ADD VALUE 'huge'", DriftKind.Type, "size", false),
        ("CREATE DOMAIN extra AS int", DriftKind.Type, "extra", false),
        ("ALTER SCHEMA \"tenant_t-7\" RENAME TO lost", DriftKind.Place, "\"tenant_t-7\"", false),
    ];

    [Fact]
    public async Task What_is_changed_by_hand_in_one_tenant_of_many_is_named_and_the_script_repairs_what_it_says()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<WarehouseDb>().AddOperations());
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Tenants), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancelled },
            async (i, token) => await fleet.Provisioner.ProvisionAsync(new Tenant($"t-{i}"), token));
        var clean = await CompareAsync(fleet);
        clean.Drifted.SelectMany(place => place.Differences).ShouldBeEmpty();
        clean.Compared.ShouldBe(Tenants);

        foreach (var (change, kind, subject, isRepairable) in Changes)
        {
            await fleet.SqlAsync(Odd, change);

            var place = (await CompareAsync(fleet)).Drifted.ShouldHaveSingleItem(change);
            place.Tenants.ShouldBe([TenantId.Parse(Odd)], change);
            place.Differences.ShouldContain(difference => difference.Kind == kind && difference.Subject == subject && difference.IsRepairable == isRepairable, Told(place, change));
            if (!change.Contains("CASCADE", StringComparison.Ordinal))
            {
                place.Differences.ShouldHaveSingleItem(Told(place, change));
            }

            place.Pending.ShouldBeEmpty();
            if (place.RepairSql is { } script)
            {
                await RunAsync(fleet, script, change);
            }

            (await CompareAsync(fleet)).Drifted.SelectMany(still => still.Differences).Select(still => (still.Kind, still.Subject))
                .ShouldBe(place.Differences.Where(difference => !difference.IsRepairable).Select(difference => (difference.Kind, difference.Subject)), change + "\n" + place.RepairSql);
            if (place.Differences.Any(difference => !difference.IsRepairable))
            {
                await fleet.Provisioner.DropAsync(new Tenant(Odd), cancellationToken: Cancelled);
                await fleet.Registry.RemoveAsync(TenantId.Parse(Odd), Cancelled);
                await fleet.Provisioner.ProvisionAsync(new Tenant(Odd), Cancelled);
            }
        }

        (await CompareAsync(fleet)).HasDrift.ShouldBeFalse();
    }

    private static Task<DriftReport> CompareAsync(Fleet fleet) => fleet.Services.GetRequiredService<ITenantDrift>().CompareAsync(Cancelled);

    private static string Told(DriftedPlace place, string change) => $"{change}\n{string.Join('\n', place.Differences)}\n{place.RepairSql}";

    private static async Task RunAsync(Fleet fleet, string script, string change)
    {
        await using var source = NpgsqlDataSource.Create(fleet.ConnectionString!);
        await using var command = source.CreateCommand(script);
        try
        {
            await command.ExecuteNonQueryAsync(Cancelled);
        }
        catch (PostgresException failure)
        {
            throw new InvalidOperationException($"{change}\n{script}", failure);
        }
    }
}
