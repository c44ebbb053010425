using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Freehold.Benchmarks.Fleet;

/// <summary>A run that finds nothing to do, and a query written by hand that reads the same history tables.</summary>
internal sealed class IdleTable(Report report)
{
    private const int Rounds = 5;

    private static readonly string History = $$"""
        CREATE TABLE %1$I."__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL);
        INSERT INTO %1$I."__EFMigrationsHistory" SELECT unnest('{{{string.Join(',', SecondDb.Ids)}}}'::text[]), '10.0.0';
        """;

    private const string ByHand = """
        CREATE FUNCTION pg_temp.histories() RETURNS TABLE (schema text, ids text) LANGUAGE plpgsql AS $body$
        BEGIN
            FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tenant\_%' LOOP
                EXECUTE format('SELECT string_agg("MigrationId", '','') FROM %I."__EFMigrationsHistory"', schema) INTO ids;
                RETURN NEXT;
            END LOOP;
        END $body$;
        """;

    public async Task RunAsync(int tenants)
    {
        report.Doing($"{tenants} tenants with a history each");
        var database = await FleetDatabase.CreateAsync(tenants, History);
        await using var services = FleetContexts.Services(database, isSecond: true, database.Tenants);
        var operations = services.GetRequiredService<ITenantOperations>();
        var (own, byHand) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            byHand = Shorter(byHand, await TimedAsync(() => ByHandAsync(database)));
            own = Shorter(own, await TimedAsync(async () => (await operations.MigrateAsync(await operations.PlanMigrationAsync())).ThrowIfFailed()));
        }

        report.Facts(
            Units.Text($"(e) Nothing to do for {tenants} tenants, the best of {Rounds} rounds, each on a new session"),
            [
                new("a query by hand", Units.Text($"{byHand.TotalSeconds:0.00} s")),
                new("Freehold", Units.Text($"{own.TotalSeconds:0.00} s"), "≤ 5 s", own.TotalSeconds <= 5),
                new("Freehold to the query", Units.Ratio(own / byHand), "≤ 1.50×", own / byHand <= 1.5),
            ]);
    }

    private static async Task ByHandAsync(FleetDatabase database)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        var read = 0;
        await using var make = new NpgsqlCommand(ByHand, connection);
        await make.ExecuteNonQueryAsync();

        await using var command = new NpgsqlCommand("SELECT schema, ids FROM pg_temp.histories()", connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            read += reader.GetString(1).Length > 0 ? 1 : 0;
        }

        if (read != database.Tenants.Count)
        {
            throw new InvalidOperationException($"The query by hand read {read} histories.");
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static async Task<TimeSpan> TimedAsync(Func<Task> run)
    {
        var clock = Stopwatch.StartNew();
        await run();
        return clock.Elapsed;
    }
}
