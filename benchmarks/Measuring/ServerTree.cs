using System.Globalization;
using Npgsql;

namespace Freehold.Benchmarks.Measuring;

/// <summary>
/// What a PostgreSQL server and all its processes have spent on processors, those that have ended too, as Linux counts it (in hundredths of a second), where it is
/// on this machine. <see cref="ServerProcesses"/> is finer, and knows only processes that stay.
/// </summary>
internal sealed class ServerTree
{
    // Fields of /proc/…/stat behind the name, from state on: parent, own user and system time, that of children who have ended.
    private const int Parent = 1;
    private const int Own = 11;
    private const int Ended = 13;
    private const double TicksPerSecond = 100;

    private readonly int _postmaster;

    private ServerTree(int postmaster) => _postmaster = postmaster;

    /// <summary>The server of a connection string; null where it is elsewhere.</summary>
    public static async Task<ServerTree?> OfAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return Stat(connection.ProcessID) is { Name: "postgres" } backend ? new((int)backend.Fields[Parent]) : null;
    }

    /// <summary>Processor seconds until now.</summary>
    public double Seconds()
    {
        var ticks = Stat(_postmaster) is { } postmaster ? postmaster.Fields.Skip(Own).Take(4).Sum() : 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) && Stat(process) is { } child && child.Fields[Parent] == _postmaster)
            {
                ticks += child.Fields.Skip(Own).Take(Ended - Own).Sum();
            }
        }

        return ticks / TicksPerSecond;
    }

    private static (string Name, long[] Fields)? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var (from, to) = (text.IndexOf('(', StringComparison.Ordinal), text.LastIndexOf(')'));
            return (text[(from + 1)..to], [.. text[(to + 2)..].Split(' ').Select(field => long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0)]);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
