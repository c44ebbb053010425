using System.Text.RegularExpressions;

namespace Freehold.Docs.Tests;

/// <summary>A fenced block of a Markdown text.</summary>
/// <param name="Line">Where its fence is; the first line is 1.</param>
/// <param name="Language">The first word behind the fence, in lower case; empty if there is none.</param>
/// <param name="Lines">Its lines with white space as one blank, and none that is empty.</param>
public sealed record CodeBlock(int Line, string Language, IReadOnlyList<string> Lines)
{
    public bool IsCSharp => Language is "csharp" or "cs" or "c#";
}

/// <summary>Reads of Markdown what the tests need: fenced blocks and links.</summary>
public static partial class Markdown
{
    public static IReadOnlyList<CodeBlock> Blocks(string text)
    {
        var blocks = new List<CodeBlock>();
        string? fence = null;
        var content = new List<string>();
        var number = 0;
        foreach (var line in text.Split('\n').Select(Normalize))
        {
            number++;
            var found = Fence().Match(line);
            if (fence is null && found.Success)
            {
                fence = found.Groups["fence"].Value;
                content = [];
                blocks.Add(new(number, found.Groups["language"].Value.ToLowerInvariant(), content));
            }
            else if (fence is not null && line.StartsWith(fence, StringComparison.Ordinal) && line.Trim(fence[0]).Length == 0)
            {
                fence = null;
            }
            else if (fence is not null && line.Length > 0)
            {
                content.Add(line);
            }
        }

        return blocks;
    }

    /// <summary>Where links and images lead, as written; code apart.</summary>
    public static IReadOnlyList<string> Links(string text) => [.. Link().Matches(Code().Replace(text, "")).Select(link => link.Groups["target"].Value)];

    public static string Normalize(string line) => WhiteSpace().Replace(line, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"^(?<fence>`{3,}|~{3,}) ?(?<language>[^\s`]*)")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^[ \t]*(`{3,}|~{3,}).*?^[ \t]*\1|`[^`\n]+`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("""\]\(<?(?<target>[^)>\s]+)|^\[[^\]]+\]: *<?(?<target>[^>\s]+)|(href|src)="(?<target>[^"]+)""", RegexOptions.Multiline)]
    private static partial Regex Link();
}
