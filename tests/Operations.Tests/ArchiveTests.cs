using System.IO.Compression;
using System.Text.Json.Nodes;
using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Freehold.Operations.Tests.Spares;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Freehold.Operations.Tests;

/// <summary>What is dropped with an archive is in the archive, or it is not dropped.</summary>
public sealed class ArchiveTests : IDisposable
{
    private static readonly Tenant Acme = new("acme") { Name = "Acme Inc.", Tags = ["beta"] };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("freehold-archive");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string ArchivePath => Path.Combine(_folder.FullName, "acme.zip");

    private TenantDropOptions ToArchive => new() { ArchivePath = ArchivePath };

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(Kind.Schemas)]
    [InlineData(Kind.Databases)]
    public async Task What_was_archived_can_be_copied_into_a_fresh_tenant_and_is_the_same(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddDbContext<LedgerDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await fleet.SqlAsync(
            "acme",
            """
            SET app.tenant_id = 'acme';
            INSERT INTO "Orders" VALUES (gen_random_uuid(), E'a\tb\nc\\d'), (gen_random_uuid(), E'\\.'), (gen_random_uuid(), 'größer 🚀'), (gen_random_uuid(), '');
            ALTER TABLE "Bookings" ADD at timestamptz DEFAULT '2026-01-02 03:04:05.678901+09', ADD raw bytea DEFAULT '\x00ff0a5c', ADD amount numeric DEFAULT 1.10, ADD rate float8 DEFAULT 0.1,
                ADD twice numeric GENERATED ALWAYS AS (amount * 2) STORED, ADD missing text, ADD span interval DEFAULT '1 year 2 days', ADD words text[] DEFAULT '{a,"b,c",NULL}';
            INSERT INTO "Bookings" ("Text") SELECT 'booking ' || i FROM generate_series(1, 3000) AS i;
            """);
        var before = await ContentAsync(fleet);

        var result = await fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled);

        result.WasThere.ShouldBeTrue();
        result.Archive.ShouldBe(new(ArchivePath, 3, 3000 + 4 + 4, new FileInfo(ArchivePath).Length));
        (await fleet.ExistsAsync("acme")).ShouldBeFalse();
        Directory.GetFiles(_folder.FullName).ShouldBe([ArchivePath], "nothing temporary is left");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(ArchivePath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        using var zip = ZipFile.OpenRead(ArchivePath);
        var manifest = Manifest(zip);
        manifest["version"]!.GetValue<int>().ShouldBe(1);
        manifest["tenant"]!["id"]!.GetValue<string>().ShouldBe("acme");
        manifest["tenant"]!["name"]!.GetValue<string>().ShouldBe("Acme Inc.");
        manifest["migrations"]!.AsArray().Select(history => $"{history!["context"]}: {string.Join(' ', history["ids"]!.AsArray())}").ShouldBe(
            ["ShopDb: 20260101000000_Orders 20260102000000_OrdersByItem", "LedgerDb: 20260501000000_Bookings 20260502000000_BookingsByRow"]);
        manifest["sequences"]!.AsArray().ShouldHaveSingleItem()!["lastValue"]!.GetValue<long>().ShouldBe(3000);

        await fleet.Registry.RemoveAsync(Acme.Id, Cancelled);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await fleet.SqlAsync(
            "acme",
            """
            ALTER TABLE "Bookings" ADD at timestamptz, ADD raw bytea, ADD amount numeric, ADD rate float8, ADD twice numeric GENERATED ALWAYS AS (amount * 2) STORED, ADD missing text,
                ADD span interval, ADD words text[];
            """);
        await using var connection = (NpgsqlConnection)await fleet.ConnectAsync("acme");
        foreach (var table in manifest["tables"]!.AsArray().Where(table => !table!["name"]!.GetValue<string>().StartsWith("__", StringComparison.Ordinal)))
        {
            var columns = string.Join(", ", table!["columns"]!.AsArray().Select(column => $"\"{column!["name"]}\""));
            await using var writer = await connection.BeginTextImportAsync($"COPY \"{table["name"]}\" ({columns}) FROM STDIN", Cancelled);
            using var reader = new StreamReader(zip.GetEntry(table["data"]!["name"]!.GetValue<string>())!.Open());
            await writer.WriteAsync(await reader.ReadToEndAsync(Cancelled));
        }

        (await ContentAsync(fleet)).ShouldBe(before);
    }

    [Fact]
    public async Task By_row_the_archive_has_the_tenants_rows_and_nobody_elses()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Rows, tenancy => tenancy.AddDbContext<LedgerDb>().AddOperations());
        foreach (var id in new[] { "acme", "globex" })
        {
            await fleet.Provisioner.ProvisionAsync(new(id), Cancelled);
            await fleet.InAsync<LedgerDb, int>(id, db =>
            {
                db.AddRange(new Booking { Text = $"one of {id}" }, new Booking { Text = $"two of {id}" });
                return db.SaveChangesAsync(Cancelled);
            });
        }

        (await fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled)).Archive!.Rows.ShouldBe(2);

        using var zip = ZipFile.OpenRead(ArchivePath);
        var text = string.Concat(zip.Entries.Select(entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        }));
        text.ShouldContain("one of acme");
        text.ShouldContain("two of acme");
        text.ShouldNotContain("globex");
        (await fleet.SqlAsync("globex", """SELECT string_agg("Text", ',' ORDER BY "Text") FROM "Bookings" """)).ShouldBe("one of globex,two of globex");
    }

    [Fact]
    public async Task On_SQLite_the_archive_has_a_copy_of_the_file()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await ProvisioningTests.AddOrderAsync(fleet, "acme", "tea");

        var archive = (await fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled)).Archive!;

        (await fleet.ExistsAsync("acme")).ShouldBeFalse();
        (archive.Tables, archive.Rows).ShouldBe((3, 3L));
        Directory.GetFiles(_folder.FullName).ShouldBe([ArchivePath]);
        var copy = Path.Combine(_folder.FullName, "copy.db");
        await using var zip = await ZipFile.OpenReadAsync(ArchivePath, Cancelled);
        await zip.GetEntry("database.db")!.ExtractToFileAsync(copy, Cancelled);
        await using var connection = new SqliteConnection($"Data Source={copy};Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT \"Item\" FROM \"Orders\"";
        (await command.ExecuteScalarAsync(Cancelled)).ShouldBe("tea");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Where_the_archive_cannot_be_written_nothing_is_dropped_and_the_tenant_is_as_before(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await ProvisioningTests.AddOrderAsync(fleet, "acme", "tea");
        await File.WriteAllTextAsync(ArchivePath, "somebody's", Cancelled);

        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled))).Message.ShouldContain("exists already");
        (await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(Acme, new() { ArchivePath = Path.Combine(_folder.FullName, "no", "a.zip") }, Cancelled)))
            .Message.ShouldContain("cannot be written");
        (await fleet.FindAsync("acme")).ShouldBe(Acme);
        (await ProvisioningTests.OrdersAsync(fleet, "acme")).ShouldBe(["tea"]);
        (await File.ReadAllTextAsync(ArchivePath, Cancelled)).ShouldBe("somebody's");
    }

    [Fact]
    public async Task Rows_that_the_role_may_not_read_are_not_dropped()
    {
        await using var app = await RolesApp.StartAsync();
        await app.Provisioner.ProvisionAsync(Acme, Cancelled);
        await app.InAsync("acme", db =>
        {
            db.Add(new Order { Item = "tea" });
            return db.SaveChangesAsync(Cancelled);
        });
        await app.Provisioner.SuspendAsync(Acme.Id, Cancelled);
        await app.SqlAsync("""ALTER TABLE tenant_acme."Orders" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY""");

        await Should.ThrowAsync<TenantOperationException>(() => app.Provisioner.DropAsync(Acme, ToArchive, Cancelled));

        Directory.GetFiles(_folder.FullName).ShouldBeEmpty();
        (await app.SqlAsync("""SELECT count(*) FROM tenant_acme."Orders" """)).ShouldBe(1L);
        (await app.SqlAsync("SELECT obj_description('tenant_acme'::regnamespace)")).ShouldBe("Freehold tenant acme");
        (await app.Provisioner.ResumeAsync(Acme.Id, Cancelled)).State.ShouldBe(TenantState.Active, "it was suspended, and is no more than that");
        await app.SqlAsync("""ALTER TABLE tenant_acme."Orders" DISABLE ROW LEVEL SECURITY""");
        (await app.Provisioner.DropAsync(Acme, ToArchive, Cancelled)).Archive!.Rows.ShouldBe(3);
    }

    [Fact]
    public async Task What_is_committed_after_the_snapshot_keeps_it_from_being_dropped()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await using var late = (NpgsqlConnection)await fleet.ConnectAsync("acme");
        await using var transaction = await late.BeginTransactionAsync(Cancelled);
        await using var insert = new NpgsqlCommand("""INSERT INTO "Orders" VALUES (gen_random_uuid(), 'late')""", late, transaction);
        await insert.ExecuteNonQueryAsync(Cancelled);

        var dropping = fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled);
        await UntilItWaitsAsync(fleet, dropping);

        await transaction.CommitAsync(Cancelled);

        var refusal = await Should.ThrowAsync<TenantOperationException>(() => dropping);
        refusal.IsRetryable.ShouldBeTrue();
        Directory.GetFiles(_folder.FullName).ShouldBeEmpty();
        (await fleet.SqlAsync("acme", "SELECT \"Item\" FROM \"Orders\"")).ShouldBe("late");
        (await fleet.FindAsync("acme")).State.ShouldBe(TenantState.Deleted, "nobody shall write more");
        (await fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled)).Archive!.Rows.ShouldBe(3);
        (await fleet.ExistsAsync("acme")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(Kind.Schemas)]
    [InlineData(Kind.Databases)]
    [InlineData(Kind.Rows)]
    public async Task What_a_database_sets_for_the_text_of_values_does_not_look_like_a_change(Kind kind)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<LedgerDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await using (var connection = await fleet.ConnectAsync("acme"))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"""
                ALTER DATABASE "{connection.Database}" SET timezone = 'Asia/Tokyo'; ALTER DATABASE "{connection.Database}" SET datestyle = 'German';
                ALTER DATABASE "{connection.Database}" SET intervalstyle = 'iso_8601'; ALTER DATABASE "{connection.Database}" SET bytea_output = 'escape';
                ALTER DATABASE "{connection.Database}" SET extra_float_digits = -5;
                SET app.tenant_id = 'acme';
                ALTER TABLE "Bookings" ADD at timestamptz DEFAULT '2026-01-02 03:04:05+09', ADD span interval DEFAULT '1 year 2 days', ADD raw bytea DEFAULT 'a', ADD rate float8 DEFAULT 0.123456789012;
                INSERT INTO "Bookings" ("Text") VALUES ('one');
                """;
            await command.ExecuteNonQueryAsync(Cancelled);
        }

        (await fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled)).Archive!.Rows.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_drop_that_fails_after_the_archive_takes_it_away_so_that_it_can_be_repeated()
    {
        await using var fleet = await Fleet.StartAsync(
            Kind.Schemas, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations(options => options.LockTimeout = TimeSpan.FromMilliseconds(100)));
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await using (var reader = (NpgsqlConnection)await fleet.ConnectAsync("acme"))
        {
            await using var reading = new NpgsqlCommand("BEGIN; SELECT count(*) FROM \"Orders\"", reader);
            await reading.ExecuteNonQueryAsync(Cancelled);
            await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled));
        }

        Directory.GetFiles(_folder.FullName).ShouldBeEmpty();
        (await fleet.ExistsAsync("acme")).ShouldBeTrue();
        (await fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled)).Archive!.Rows.ShouldBe(2);
    }

    [Theory]
    [InlineData(Kind.Schemas, ".part")]
    [InlineData(Kind.Files, ".copy")]
    public async Task Files_that_are_not_its_own_are_left_alone(Kind kind, string suffix)
    {
        await using var fleet = await Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await File.WriteAllTextAsync(ArchivePath + suffix, "somebody's", Cancelled);

        await fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled);

        (await File.ReadAllTextAsync(ArchivePath + suffix, Cancelled)).ShouldBe("somebody's");
        Directory.GetFiles(_folder.FullName).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Of_two_drops_into_one_file_at_once_one_is_archived_and_the_other_refused()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Schemas, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await fleet.Provisioner.ProvisionAsync(new("globex"), Cancelled);
        await using var holder = (NpgsqlConnection)await fleet.ConnectAsync("acme");
        await using var transaction = await holder.BeginTransactionAsync(Cancelled);
        await using var hold = new NpgsqlCommand("""LOCK TABLE "Orders" IN ACCESS EXCLUSIVE MODE""", holder, transaction);
        await hold.ExecuteNonQueryAsync(Cancelled);
        var dropping = fleet.Provisioner.DropAsync(Acme, ToArchive, Cancelled);
        await UntilItWaitsAsync(fleet, dropping);

        await fleet.Provisioner.DropAsync(new("globex"), ToArchive, Cancelled);
        await transaction.RollbackAsync(Cancelled);

        (await Should.ThrowAsync<TenantOperationException>(() => dropping)).Message.ShouldContain("exists already");
        (await fleet.FindAsync("acme")).ShouldBe(Acme);
        Directory.GetFiles(_folder.FullName).ShouldBe([ArchivePath]);
        using var zip = ZipFile.OpenRead(ArchivePath);
        Manifest(zip)["tenant"]!["id"]!.GetValue<string>().ShouldBe("globex");
    }

    public static TheoryData<Kind> Kinds => ProvisioningTests.Kinds;

    private static JsonNode Manifest(ZipArchive zip)
    {
        using var stream = zip.GetEntry("manifest.json")!.Open();
        return JsonNode.Parse(stream)!;
    }

    private static Task<object?> ContentAsync(Fleet fleet) => fleet.SqlAsync(
        "acme",
        """
        SELECT (SELECT string_agg(o::text, E'\n' ORDER BY o::text) FROM "Orders" o) || (SELECT string_agg(b::text, E'\n' ORDER BY b::text) FROM "Bookings" b)
        """);

    private static async Task UntilItWaitsAsync(Fleet fleet, Task dropping)
    {
        while (await fleet.SqlAsync("acme", "SELECT count(*) FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND NOT granted") is 0L)
        {
            dropping.IsCompleted.ShouldBeFalse();
        }
    }
}
