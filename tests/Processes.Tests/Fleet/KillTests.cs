using System.Diagnostics;
using Freehold.Processes.Host.Fleet;
using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Processes.Tests.Fleet;

/// <summary>
/// A process that migrates is killed (SIGKILL) at a random point; the next run finishes. With FREEHOLD_SOAK=1 at 20 points over 200 tenants.
/// </summary>
public class KillTests
{
    private static readonly bool IsSoak = Environment.GetEnvironmentVariable("FREEHOLD_SOAK") == "1";

    private static readonly int Count = IsSoak ? 200 : 30;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrating_is_killed_at_random_points_and_every_step_ran_once_and_nobody_is_stuck()
    {
        var points = IsSoak ? 20 : 4;
        var database = await DatabaseAsync();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var point = 0; point < points; point++)
        {
            // Each run begins where the last one was killed, so each goes on for its share of what there is to do: two lines for each tenant.
            await KilledAsync(database, FleetProcess.Migrate, lines: random.Next(1, Math.Max(2, 2 * Count / points)), then: random.Next(0, 30));
        }

        await using var services = FleetProcess.Services(database, Count);
        var operations = services.GetRequiredService<ITenantOperations>();
        var plan = await operations.PlanMigrationAsync(cancellationToken: Cancelled);
        var result = await operations.MigrateAsync(plan, cancellationToken: Cancelled);

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"Seed {seed}. Left for the last run: {plan.Tenants.Count(tenant => tenant.Pending.Count > 0)}, dirty: {plan.Tenants.Count(tenant => tenant.IsDirty)}.");
        result.IsComplete.ShouldBeTrue($"seed {seed}: {string.Join('\n', result.Outcomes.Select(outcome => outcome.Error?.Message))}");
        (await operations.PlanMigrationAsync(cancellationToken: Cancelled)).IsEmpty.ShouldBeTrue();
        await using var source = NpgsqlDataSource.Create(database);
        foreach (var id in FleetProcess.Ids(Count))
        {
            (await AskAsync<string[]>(source, $"""SELECT array_agg("Text" ORDER BY "Text") FROM "tenant_{id}"."Marks" """)).ShouldBe(DepotDb.Marks, $"{id}, seed {seed}");
            (await AskAsync<long>(source, $"""SELECT count(*) FROM "tenant_{id}"."__EFMigrationsHistory" """)).ShouldBe(3);
            (await AskAsync<long>(source, $"SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = indexrelid WHERE indisvalid AND relnamespace = 'tenant_{id}'::regnamespace"))
                .ShouldBe(8, $"four keys, the history's, and three more: {id}, seed {seed}");
        }

        (await AskAsync<long>(source, "SELECT count(*) FROM pg_index WHERE NOT indisvalid")).ShouldBe(0);
        (await AskAsync<long>(source, "SELECT count(*) FROM freehold_operations.migration_steps")).ShouldBe(0);
        if (!plan.IsEmpty)
        {
            // What has nothing to do writes nothing, so it does not end a run either.
            (await AskAsync<long>(source, "SELECT count(*) FROM freehold_operations.runs WHERE ended_at IS NULL")).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Other_work_is_killed_and_those_who_were_done_are_not_done_again()
    {
        var database = await DatabaseAsync();
        await KilledAsync(database, FleetProcess.Work, lines: Count, then: 0);

        await using var services = FleetProcess.Services(database, Count);
        var operations = services.GetRequiredService<ITenantOperations>();
        var plan = await operations.PlanAsync(FleetProcess.Work, cancellationToken: Cancelled);
        var again = 0;
        var result = await operations.RunAsync(
            plan,
            (_, _, _) =>
            {
                Interlocked.Increment(ref again);
                return Task.CompletedTask;
            },
            cancellationToken: Cancelled);

        result.IsComplete.ShouldBeTrue();
        plan.Done.Count.ShouldBeGreaterThan(0);
        again.ShouldBe(Count - plan.Done.Count);
        again.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_tenant_at_whom_a_run_is_killed_stays_out_of_service_until_the_next_one_has_finished_it()
    {
        const int count = 3;
        var database = await DatabaseAsync();
        await using var services = FleetProcess.Catalogued(database);
        foreach (var id in FleetProcess.Ids(count))
        {
            await services.GetRequiredService<ITenantRegistry>().AddAsync(new Tenant(id), Cancelled);
        }

        // Of each tenant: begun, three migrations, ended; of the last one, that it was begun and migrated once.
        await KilledAsync(database, FleetProcess.OutOfService, lines: (5 * (count - 1)) + 2, then: 0, count);
        (await StatesAsync()).ShouldBe("Active Active Migrating");

        var operations = services.GetRequiredService<ITenantOperations>();
        (await operations.MigrateAsync(await operations.PlanMigrationAsync(cancellationToken: Cancelled), cancellationToken: Cancelled)).IsComplete.ShouldBeTrue();

        (await StatesAsync()).ShouldBe("Active Active Active");

        async Task<string> StatesAsync()
        {
            await using var source = NpgsqlDataSource.Create(database);
            return string.Join(' ', await AskAsync<string[]>(source, "SELECT array_agg(state::text ORDER BY id) FROM freehold.tenants"));
        }
    }

    // Ends by itself where it was done before as many lines came.
    private static async Task KilledAsync(string database, string what, int lines, int then, int? count = null)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, $"{typeof(FleetProcess).Assembly.GetName().Name}.dll"), what, database, $"{count ?? Count}"]) { RedirectStandardOutput = true })!;
        for (var line = 0; line < lines && await process.StandardOutput.ReadLineAsync(Cancelled) is not null; line++)
        {
        }

        // The moment of the kill within a step is the point of the test, so it is chance and awaits nothing.
        await Task.Delay(then, Cancelled);
        process.Kill();
        await process.WaitForExitAsync(Cancelled);
    }

    private static async Task<string> DatabaseAsync()
    {
        var database = await (await PostgresServer.GetAsync()).CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(string.Concat(FleetProcess.Ids(Count).Select(id => $"CREATE SCHEMA \"tenant_{id}\";")));
        await command.ExecuteNonQueryAsync(Cancelled);
        return database;
    }

    private static async Task<T> AskAsync<T>(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancelled))!;
    }
}
