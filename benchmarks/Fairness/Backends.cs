using System.Globalization;
using Npgsql;

namespace Freehold.Benchmarks.Fairness;

/// <summary>The private memory of PostgreSQL's processes, as the kernel counts it (RssAnon): without what they share.</summary>
internal static class Backends
{
    /// <summary>Whether the connection's backend is a process of this machine that can be looked at.</summary>
    public static bool CanBeSeen(NpgsqlConnection connection) => Bytes(connection.ProcessID) is not null;

    /// <summary>How many connections of that name there are, and what the largest of their backends has of its own; while it is asked.</summary>
    public static async Task<(int Count, long Largest)> LookAsync(NpgsqlConnection open, string name)
    {
        await using var command = new NpgsqlCommand("SELECT pid FROM pg_stat_activity WHERE application_name = $1", open) { Parameters = { new() { Value = name } } };
        await using var reader = await command.ExecuteReaderAsync();
        var (count, largest) = (0, 0L);
        while (await reader.ReadAsync())
        {
            count++;
            largest = Math.Max(largest, Bytes(reader.GetInt32(0)) ?? 0);
        }

        return (count, largest);
    }

    /// <summary>A process's own memory; null where it is not here or has ended.</summary>
    public static long? Bytes(int process)
    {
        try
        {
            var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")).FirstOrDefault(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
