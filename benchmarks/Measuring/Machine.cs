namespace Freehold.Benchmarks.Measuring;

/// <summary>What else goes on where this runs.</summary>
internal static class Machine
{
    /// <summary>The load averages of 1, 5 and 15 minutes; on Linux.</summary>
    public static string Load() =>
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)) : "unknown";
}
