namespace Freehold.Benchmarks.Measuring;

/// <summary>What came out for a candidate: medians over the rounds, each of its batches held against the baseline's right before and after it.</summary>
internal sealed record Figures(string Name, Aim? Aim)
{
    public double Nanoseconds { get; init; }

    /// <summary>What this process spent on its processors, without the server's part.</summary>
    public double ProcessorNanoseconds { get; init; }

    /// <summary>What the server's processes spent on theirs; 0 where that was not weighed.</summary>
    public double ServerNanoseconds { get; init; }

    /// <summary>The ratio of both together.</summary>
    public double ProcessorRatio { get; init; } = 1;

    public double Bytes { get; init; }

    public double Ratio { get; init; } = 1;

    /// <summary>A quarter of the rounds' ratios are below.</summary>
    public double LowRatio { get; init; } = 1;

    /// <summary>A quarter of the rounds' ratios are above.</summary>
    public double HighRatio { get; init; } = 1;

    public double NanosecondsMore { get; init; }

    public double BytesMore { get; init; }

    public static Figures Of(Candidate candidate, IReadOnlyList<(Sample Own, Sample Baseline)> rounds) => new(candidate.Name, candidate.Aim)
    {
        Nanoseconds = Quantile(rounds, 0.5, round => round.Own.Nanoseconds),
        ProcessorNanoseconds = Quantile(rounds, 0.5, round => round.Own.ProcessorNanoseconds),
        ServerNanoseconds = Quantile(rounds, 0.5, round => round.Own.ServerNanoseconds),
        ProcessorRatio = Quantile(rounds, 0.5, round => round.Own.OfBoth / round.Baseline.OfBoth),
        Bytes = Quantile(rounds, 0.5, round => round.Own.Bytes),
        Ratio = Quantile(rounds, 0.5, Divided),
        LowRatio = Quantile(rounds, 0.25, Divided),
        HighRatio = Quantile(rounds, 0.75, Divided),
        NanosecondsMore = Quantile(rounds, 0.5, round => round.Own.Nanoseconds - round.Baseline.Nanoseconds),
        BytesMore = Quantile(rounds, 0.5, round => round.Own.Bytes - round.Baseline.Bytes),
    };

    private static double Divided((Sample Own, Sample Baseline) round) => round.Own.Nanoseconds / round.Baseline.Nanoseconds;

    private static double Quantile(
        IReadOnlyList<(Sample Own, Sample Baseline)> rounds, double which, Func<(Sample Own, Sample Baseline), double> figure)
    {
        var sorted = rounds.Select(figure).Order().ToArray();
        var position = which * (sorted.Length - 1);
        var (below, above) = (sorted[(int)Math.Floor(position)], sorted[(int)Math.Ceiling(position)]);
        return below + ((above - below) * (position - Math.Floor(position)));
    }
}

/// <summary>A batch's time, processor time here and on the server, and allocations, for each operation.</summary>
internal readonly record struct Sample(double Nanoseconds, double ProcessorNanoseconds, double ServerNanoseconds, double Bytes)
{
    /// <summary>Processor time here and on the server.</summary>
    public double OfBoth => ProcessorNanoseconds + ServerNanoseconds;

    // The geometric mean of the times: what a busy machine adds only ever lengthens them, and the arithmetic one would be too long.
    public static Sample Between(Sample one, Sample other) => new(
        Math.Sqrt(one.Nanoseconds * other.Nanoseconds),
        (one.ProcessorNanoseconds + other.ProcessorNanoseconds) / 2,
        (one.ServerNanoseconds + other.ServerNanoseconds) / 2,
        (one.Bytes + other.Bytes) / 2);
}
