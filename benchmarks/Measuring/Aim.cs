using System.Globalization;

namespace Freehold.Benchmarks.Measuring;

/// <summary>What a candidate should reach. Printed with whether it was, and never asserted.</summary>
internal sealed record Aim(string Text, Func<Figures, bool> IsMet)
{
    /// <summary>At most so many times the baseline.</summary>
    public static Aim Ratio(double most, string why = "") =>
        new(string.Create(CultureInfo.InvariantCulture, $"≤ {most:0.00}×{why}"), figures => figures.Ratio <= most);

    /// <summary>At most so much more than the baseline, for each operation.</summary>
    public static Aim More(double nanoseconds, double bytes) =>
        new($"≤ {nanoseconds:0} ns, {bytes:0} B more", figures => figures.NanosecondsMore <= nanoseconds && figures.BytesMore <= bytes);

    /// <summary>At most so much time for each operation.</summary>
    public static Aim Time(double nanoseconds) => new($"≤ {Units.Time(nanoseconds)}", figures => figures.Nanoseconds <= nanoseconds);
}
