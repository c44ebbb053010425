using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Npgsql;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests.Migrating;

/// <summary>A session that the server ends is one tenant's failure, and says so.</summary>
public class LostSessionTests
{
    /// <summary>All at once; migrations together; and one by one.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_session_that_ends_while_it_migrates_is_a_retryable_failure_with_its_cause_and_the_others_go_on(bool isDirty, bool isOneByOne)
    {
        await using var fleet = await SchemasAsync(4, tenancy => tenancy.AddDbContext<FragileDb>());
        await SetAsync(fleet, "SET fragile.schema = 'tenant_t1'");
        if (isDirty)
        {
            // Where a step was interrupted, nothing is done at once.
            await fleet.SqlAsync("t1", """
                CREATE SCHEMA freehold_operations;
                CREATE TABLE freehold_operations.migration_steps (schema text, history text, migration text, step int, is_done boolean, at timestamptz DEFAULT now(), PRIMARY KEY (schema, history, migration, step));
                INSERT INTO freehold_operations.migration_steps VALUES ('tenant_t1', 'other', '20200101000000_Other', 0, true)
                """);
        }

        var options = new TenantRunOptions { ParallelismPerServer = 1, BeforeMigration = isOneByOne ? (_, _, _) => Task.CompletedTask : null };
        var result = await fleet.MigrateAsync(options: options);

        var failed = result.Of(TenantOutcomeKind.Failed).ShouldHaveSingleItem();
        failed.Tenant.Id.Value.ShouldBe("t1");
        var error = failed.Error.ShouldBeOfType<TenantOperationException>();
        error.Message.ShouldContain("terminating connection due to administrator command");
        error.IsRetryable.ShouldBeTrue();
        result.Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(3);

        await SetAsync(fleet, "RESET fragile.schema");
        (await fleet.MigrateAsync(options: options)).IsComplete.ShouldBeTrue();
    }

    private static async Task SetAsync(Fleet fleet, string setting) =>
        await fleet.SqlAsync("t0", $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(fleet.ConnectionString).Database} {setting}");
}
