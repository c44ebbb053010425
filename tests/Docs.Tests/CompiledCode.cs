namespace Freehold.Docs.Tests;

/// <summary>A file of <c>Snippets</c>, in the text that the compiler read: the project embeds what it compiles.</summary>
public sealed class CompiledCode
{
    // What stands between these is text or left out, so the compiler says nothing about it.
    private static readonly string[] Blinds = ["#if", "/*", "\"\"\"", "@\"", "$\"\"", "@$"];

    private readonly string[] _lines;

    public CompiledCode(string text)
    {
        var blind = Blinds.FirstOrDefault(blind => text.Contains(blind, StringComparison.Ordinal));
        if (blind is not null)
        {
            throw new ArgumentException($"A snippet holds {blind}, behind which code is not compiled. Write it without.", nameof(text));
        }

        _lines = [.. text.Split('\n').Select(Markdown.Normalize).Where(line => line.Length > 0)];
    }

    public static IReadOnlyList<CompiledCode> Snippets()
    {
        var assembly = typeof(CompiledCode).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith("Snippets", StringComparison.Ordinal)).Select(Load)];

        CompiledCode Load(string name)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return new(reader.ReadToEnd());
        }
    }

    /// <summary>Whether the block's lines stand in this file one after the other.</summary>
    public bool Contains(CodeBlock block) => block.Lines.Count > 0 && Enumerable.Range(0, Math.Max(0, _lines.Length - block.Lines.Count + 1))
        .Any(start => _lines.AsSpan(start, block.Lines.Count).SequenceEqual([.. block.Lines]));
}
