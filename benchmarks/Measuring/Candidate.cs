namespace Freehold.Benchmarks.Measuring;

/// <summary>One of the things compared.</summary>
/// <param name="Name">What it is, for the table.</param>
/// <param name="RunAsync">Does its work that many times.</param>
/// <param name="Aim">What it should reach, if it is held to anything.</param>
internal sealed record Candidate(string Name, Func<int, Task> RunAsync, Aim? Aim = null)
{
    /// <summary>A candidate whose work is one operation after the other, or several callers side by side. Operations are numbered without end.</summary>
    public static Candidate Of(string name, Func<int, Task> operation, int callers = 1, Aim? aim = null)
    {
        var next = -1;
        return new(name, callers == 1 ? OneAfterTheOther : SideBySide, aim);

        async Task OneAfterTheOther(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await operation(++next & int.MaxValue);
            }
        }

        Task SideBySide(int count)
        {
            var left = count;
            return Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    await operation(Interlocked.Increment(ref next) & int.MaxValue);
                }
            })));
        }
    }
}
