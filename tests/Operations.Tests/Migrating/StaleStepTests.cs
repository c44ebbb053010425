using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>What the journal of steps says of a place does not outlive the place.</summary>
public class StaleStepTests
{
    private const string Index = "20260602000000_PartsByNumber";
    private const string Marks = """SELECT string_agg("Text", ' ' ORDER BY "Text") FROM "Marks" """;
    private const string Steps = "SELECT count(*) FROM freehold_operations.migration_steps";

    private static readonly Tenant Acme = new("acme");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Index, false)]
    [InlineData(Index, true)]
    [InlineData("down " + Index, false)]
    [InlineData("down " + Index, true)]
    public async Task A_tenant_that_is_made_again_gets_every_step_and_no_rest_of_a_down(string migration, bool isDroppedByHand)
    {
        await using var fleet = await StartAsync(Kind.Schemas);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await InterruptAsync(fleet, "tenant_acme", migration);
        if (isDroppedByHand)
        {
            await fleet.SqlAsync("acme", "DROP SCHEMA tenant_acme CASCADE");
        }
        else
        {
            await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
            (await fleet.SqlAsync("acme", Steps)).ShouldBe(0L);
        }

        await fleet.Registry.RemoveAsync(Acme.Id, Cancelled);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);

        (await fleet.MigrateAsync()).Of(TenantOutcomeKind.NothingToDo).Count().ShouldBe(1);
        (await fleet.SqlAsync("acme", Marks)).ShouldBe("after before");
        (await fleet.SqlAsync("acme", Steps)).ShouldBe(0L);
    }

    [Fact]
    public async Task An_empty_schema_that_an_administrator_made_again_gets_every_step()
    {
        await using var fleet = await StartAsync(Kind.Schemas);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await InterruptAsync(fleet, "tenant_acme", Index);
        await fleet.SqlAsync("acme", "DROP SCHEMA tenant_acme CASCADE; CREATE SCHEMA tenant_acme");
        await fleet.Registry.RemoveAsync(Acme.Id, Cancelled);

        (await fleet.Operations.ProvisionAsync([Acme], cancellationToken: Cancelled)).ThrowIfFailed();

        (await fleet.SqlAsync("acme", Marks)).ShouldBe("after before");
    }

    [Fact]
    public async Task A_database_that_is_made_again_has_a_journal_of_its_own()
    {
        await using var fleet = await StartAsync(Kind.Databases);
        for (var time = 0; time < 2; time++)
        {
            await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
            (await fleet.SqlAsync("acme", Marks)).ShouldBe("after before");
            await fleet.Provisioner.DropAsync(Acme, cancellationToken: Cancelled);
            await fleet.Registry.RemoveAsync(Acme.Id, Cancelled);
        }
    }

    [Fact]
    public async Task A_reference_for_drift_that_was_interrupted_is_made_whole_the_next_time()
    {
        await using var fleet = await StartAsync(Kind.Schemas);
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await InterruptAsync(fleet, "freehold_reference", Index, isIndexDone: true);

        (await fleet.Services.GetRequiredService<ITenantDrift>().CompareAsync(Cancelled)).HasDrift.ShouldBeFalse();

        (await fleet.SqlAsync("acme", Steps)).ShouldBe(0L);
    }

    private static Task<Fleet> StartAsync(Kind kind) => Fleet.StartAsync(kind, tenancy => tenancy.AddDbContext<StockDb>().AddOperations());

    // As a process that died leaves it.
    private static Task<object?> InterruptAsync(Fleet fleet, string schema, string migration, bool isIndexDone = false) => fleet.SqlAsync("acme", $"""
        INSERT INTO freehold_operations.migration_steps (schema, history, migration, step, is_done)
        VALUES ('{schema}', '__EFMigrationsHistory', '{migration}', 0, true), ('{schema}', '__EFMigrationsHistory', '{migration}', 1, {isIndexDone})
        """);
}
