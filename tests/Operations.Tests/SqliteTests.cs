using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Data.Sqlite;
using static Freehold.Operations.Tests.ProvisioningTests;

namespace Freehold.Operations.Tests;

public class SqliteTests
{
    private static readonly Tenant Acme = new("acme");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixteen_migrations_of_one_file_at_once_apply_each_step_once()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.UseTenants(Acme).AddDbContext<ShopDb>().AddOperations());
        await using (await fleet.ConnectAsync("acme"))
        {
        }

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => fleet.Provisioner.MigrateAsync(Acme, Cancelled), Cancelled)));

        results.Sum(result => result.Applied.Count).ShouldBe(2);
    }

    [Fact]
    public async Task A_file_that_another_process_migrates_is_a_retryable_error()
    {
        await using var fleet = await Fleet.StartAsync(
            Kind.Files, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations(options => options.LockTimeout = TimeSpan.FromMilliseconds(100)));
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);

        await using (new FileStream(Path.Combine(fleet.Directory, ".locks", "acme.db"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var refusal = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.MigrateAsync(Acme, Cancelled));
            refusal.IsRetryable.ShouldBeTrue();
            refusal.Message.ShouldContain("'acme'");
        }

        await fleet.Provisioner.MigrateAsync(Acme, Cancelled);
    }

    [Fact]
    public async Task A_lock_of_EF_left_by_a_process_that_died_stops_nobody()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await fleet.SqlAsync("acme", "INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01')");

        await fleet.Provisioner.MigrateAsync(Acme, Cancelled).WaitAsync(TimeSpan.FromMinutes(1), Cancelled);
    }

    [Fact]
    public async Task A_dropped_file_takes_its_journals_with_it_and_a_journal_left_behind_is_not_replayed()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        var file = Path.Combine(fleet.Directory, "acme.db");
        byte[] journal;

        // A connection that no pool has, since another test may clear all pools: the last one takes the journal with it.
        await using (var open = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await open.OpenAsync(Cancelled);
            await new SqliteCommand("SELECT count(*) FROM sqlite_master", open).ExecuteScalarAsync(Cancelled);
            await AddOrderAsync(fleet, "acme", "tea");
            File.Exists(file + "-wal").ShouldBeTrue();
            journal = await File.ReadAllBytesAsync(file + "-wal", Cancelled);
        }

        await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
        Directory.GetFiles(fleet.Directory).ShouldBeEmpty();

        await File.WriteAllBytesAsync(file + "-wal", journal, Cancelled);
        await fleet.Registry.RemoveAsync(Acme.Id, Cancelled);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        (await OrdersAsync(fleet, "acme")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_left_alone()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddDbContext<ShopDb>().AddOperations());
        var file = Path.Combine(fleet.Directory, "acme.db");
        var text = string.Concat(Enumerable.Repeat("Not a database, and long enough to be read as one. ", 50));
        await File.WriteAllTextAsync(file, text, Cancelled);

        var refusal = await Should.ThrowAsync<TenantOperationException>(() => fleet.Provisioner.ProvisionAsync(Acme, Cancelled));

        refusal.Message.ShouldContain("no SQLite database");
        (await File.ReadAllTextAsync(file, Cancelled)).ShouldBe(text);
    }

    [Fact]
    public async Task The_file_of_the_shared_tables_is_no_tenants()
    {
        await using var fleet = await Fleet.StartAsync(Kind.Files, tenancy => tenancy.AddSharedDbContext<GeoDb>().AddDbContext<ShopDb>().AddOperations());
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        var thief = new Tenant("thief") { Placement = new TenantPlacement(Isolation.Database) { Database = "shared.db" } };

        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Provisioner.DropAsync(thief, cancellationToken: Cancelled));

        File.Exists(Path.Combine(fleet.Directory, "shared.db")).ShouldBeTrue();
    }
}
