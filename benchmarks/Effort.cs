namespace Freehold.Benchmarks;

/// <summary>How long the machine is kept busy.</summary>
/// <param name="IsQuick">Just enough to see that everything runs.</param>
/// <param name="IsFull">Also what takes long.</param>
internal sealed record Effort(bool IsQuick, bool IsFull)
{
    public int Rounds(int usual) => IsQuick ? Math.Max(5, usual / 12) : IsFull ? usual * 2 : usual;
}
