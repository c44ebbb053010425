using System.Globalization;

namespace Freehold.Benchmarks.Measuring;

/// <summary>Figures as people read them.</summary>
internal static class Units
{
    public static string Time(double nanoseconds) => Math.Abs(nanoseconds) switch
    {
        < 1_000 => Text($"{nanoseconds:0} ns"),
        < 100_000 => Text($"{nanoseconds / 1e3:0.0} µs"),
        < 1_000_000 => Text($"{nanoseconds / 1e3:0} µs"),
        _ => Text($"{nanoseconds / 1e6:0.0} ms"),
    };

    public static string Bytes(double bytes) => Math.Abs(bytes) < 10_000 ? Text($"{bytes:0} B") : Text($"{bytes / 1024:0.0} KiB");

    public static string Mebibytes(double bytes) => Text($"{bytes / (1024 * 1024):0} MiB");

    public static string Ratio(double ratio) => Text($"{ratio:0.00}×");

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
