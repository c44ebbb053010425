using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>Migrations that were edited after somebody got them.</summary>
public sealed class EditedTests : IDisposable
{
    private const string Records = "SELECT count(*) FROM freehold_operations.migration_sql";

    private readonly Logbook _log = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => DraftDb.Type = "int";

    [Fact]
    public async Task An_edit_is_named_and_logged_and_holds_nothing_up_unless_that_is_wanted_until_it_is_accepted()
    {
        var began = DateTimeOffset.UtcNow.AddSeconds(-5);
        await using var first = await StartAsync(3);
        await first.MigrateAsync(TenantSelection.Of("t0"));
        await using var fleet = await EditedAsync(first, "bigint");

        var plan = await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled);

        var edited = plan.Edited.ShouldHaveSingleItem();
        (edited.Context, edited.Id, edited.Server, edited.Database).ShouldBe((nameof(DraftDb), "20260741000000_Drafts", TenantPlacement.DefaultServer, null));
        edited.FirstAppliedAt.ShouldBeInRange(began, DateTimeOffset.UtcNow.AddSeconds(5));
        _log.Lines.Where(line => line.Event.Id == 6022).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            line => line.Level.ShouldBe(LogLevel.Warning), line => line.Text.ShouldContain("20260741000000_Drafts"));
        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => fleet.Operations.MigrateAsync(plan, new() { Edited = EditedMigrationHandling.Refuse }, Cancelled)))
            .Message.ShouldContain("20260741000000_Drafts");
        (await fleet.TablesAsync("t1")).ShouldBeEmpty();
        (await fleet.MigrateAsync(TenantSelection.Of("t1"))).IsComplete.ShouldBeTrue();
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Edited.ShouldHaveSingleItem("who came later does not make it unedited");

        (await fleet.MigrateAsync(options: new() { Edited = EditedMigrationHandling.Accept })).IsComplete.ShouldBeTrue();
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Edited.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_reverted_everywhere_may_be_edited_and_what_was_generated_by_other_versions_is_not_compared()
    {
        await using var first = await StartAsync(2);
        await first.MigrateAsync();
        await first.Operations.MigrateAsync(await first.Operations.PlanMigrationAsync(options: new() { Target = "0" }, cancellationToken: Cancelled), cancellationToken: Cancelled);
        await using var second = await EditedAsync(first, "bigint");

        (await second.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Edited.ShouldBeEmpty();
        await second.MigrateAsync();
        (await second.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Edited.ShouldBeEmpty();

        await using var third = await EditedAsync(second, "smallint");
        (await third.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Edited.ShouldHaveSingleItem();
        await third.SqlAsync("t0", "UPDATE freehold_operations.migration_sql SET generator = 'EF 1.0.0'");
        (await third.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Edited.ShouldBeEmpty();
    }

    [Fact]
    public async Task Provisioning_records_too_and_a_reference_that_is_dropped_again_does_not()
    {
        await using var first = await StartAsync(1);
        await first.Services.GetRequiredService<ITenantDrift>().CompareAsync(Cancelled);
        (await first.SqlAsync("t0", "SELECT to_regclass('freehold_operations.migration_sql') IS NULL")).ShouldBe(true);

        await first.Provisioner.ProvisionAsync(new Tenant("t9"), Cancelled);

        (await first.SqlAsync("t0", Records)).ShouldBe(1L);
        await using var fleet = await EditedAsync(first, "bigint");
        (await fleet.Operations.PlanMigrationAsync(cancellationToken: Cancelled)).Edited.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Where_it_cannot_be_recorded_tenants_are_migrated_all_the_same()
    {
        await using var app = await RolesApp.StartAsync(configure: tenancy => tenancy.Services.AddLogging(logging => logging.AddProvider(_log)));
        await app.SqlAsync("CREATE SCHEMA freehold_operations");

        await app.Provisioner.ProvisionAsync(new Tenant("acme"), Cancelled);

        (await app.SqlAsync("SELECT count(*) FROM tenant_acme.\"__EFMigrationsHistory\"")).ShouldBe(2L);
        _log.Lines.Count(line => line.Event.Id == 6023).ShouldBe(2, "the shared tables' and the tenant's");
    }

    private Task<Fleet> StartAsync(int count) => SchemasAsync(count, Configure);

    private Task<Fleet> EditedAsync(Fleet earlier, string type)
    {
        DraftDb.Type = type;
        _log.Lines.Clear();
        return earlier.LaterAsync(tenancy => Configure(tenancy.UseTenants([.. Tenants(3)]).AddOperations()));
    }

    private void Configure(MultiTenancyBuilder tenancy)
    {
        tenancy.AddDbContext<DraftDb>();
        tenancy.Services.AddLogging(logging => logging.AddProvider(_log));
    }
}
