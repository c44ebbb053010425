using System.Diagnostics;
using Freehold.Shared;
using Npgsql;

namespace Freehold.Benchmarks.Fleet;

/// <summary>What something took that was done to all tenants of a database.</summary>
/// <param name="Wall">The time that passed.</param>
/// <param name="Client">What the process that did it spent on processors.</param>
/// <param name="Server">What the server did; 0 where it is on another machine.</param>
/// <param name="Connections">The largest number at one moment.</param>
/// <param name="Sessions">How many there were in all.</param>
internal sealed record FleetRun(TimeSpan Wall, TimeSpan Client, TimeSpan Server, int Connections, long Sessions)
{
    public static readonly string[] Columns = ["wall", "client CPU", "server CPU", "connections", "sessions"];

    /// <summary>Processor time, on both sides.</summary>
    public TimeSpan Cpu => Client + Server;

    /// <summary>Runs it, and weighs.</summary>
    /// <param name="database">Whose server is weighed.</param>
    /// <param name="run">Returns what another process took, where that did it; null for this one.</param>
    public static async Task<FleetRun> OfAsync(FleetDatabase database, Func<Task<(TimeSpan Wall, TimeSpan Client)?>> run)
    {
        var server = await ServerTree.OfAsync(database.ConnectionString);
        var (sessions, spent) = (await SessionsAsync(database), server?.Seconds() ?? 0);
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var running = Task.Run(run);
        var connections = await database.ConnectionsAsync(running);
        var own = (clock.Elapsed, Environment.CpuUsage.TotalTime - before);
        var (wall, client) = await running ?? own;
        return new(
            wall, client, TimeSpan.FromSeconds((server?.Seconds() ?? 0) - spent), connections,
            Math.Max(connections, await SessionsAsync(database) - sessions - FleetDatabase.Watchers));
    }

    /// <summary>The median of each figure.</summary>
    public static FleetRun Median(IReadOnlyList<FleetRun> runs) => new(
        Middle(runs, run => run.Wall), Middle(runs, run => run.Client), Middle(runs, run => run.Server),
        Middle(runs, run => run.Connections), Middle(runs, run => run.Sessions));

    public string[] Row(string name) =>
        [name, Units.Text($"{Wall.TotalSeconds:0.00} s"), Units.Text($"{Client.TotalSeconds:0.00} s"), Units.Text($"{Server.TotalSeconds:0.00} s"), Units.Text($"{Connections}"), Units.Text($"{Sessions}")];

    private static T Middle<T>(IReadOnlyList<FleetRun> runs, Func<FleetRun, T> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);

    // As the server counts them, a moment after each has begun or ended. Asked from another database, to add none.
    private static async Task<long> SessionsAsync(FleetDatabase database)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder((await PostgresServer.GetAsync()).ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT sessions FROM pg_stat_database WHERE datname = $1", connection);
        command.Parameters.Add(new() { Value = database.Name });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
