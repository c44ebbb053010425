using System.Text;

namespace Freehold.Shared;

/// <summary>The lines in which two texts differ, by their longest common subsequence.</summary>
internal static class LineDiff
{
    public static string Between(string before, string after)
    {
        var (old, now) = (before.Split('\n'), after.Split('\n'));
        var common = CommonLengths(old, now);
        var diff = new StringBuilder();
        var (i, j) = (0, 0);
        while (i < old.Length || j < now.Length)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                (i, j) = (i + 1, j + 1);
            }
            else if (j == now.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                diff.Append("- ").Append(old[i++]).Append('\n');
            }
            else
            {
                diff.Append("+ ").Append(now[j++]).Append('\n');
            }
        }

        return diff.ToString();
    }

    // [i, j]: how many lines the rests from old[i] and now[j] have in common.
    private static int[,] CommonLengths(string[] old, string[] now)
    {
        var lengths = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--)
            {
                lengths[i, j] = old[i] == now[j] ? lengths[i + 1, j + 1] + 1 : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
            }
        }

        return lengths;
    }
}
