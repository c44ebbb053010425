using System.Runtime.CompilerServices;

namespace Freehold.Docs.Tests;

/// <summary>The Markdown files of the repository.</summary>
internal static class Repository
{
    private static readonly string[] Foreign = ["artifacts", "bin", "obj", "node_modules"];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    /// <summary>All Markdown files, as paths from the root with slashes.</summary>
    public static IReadOnlyList<string> Documents { get; } =
        [.. MarkdownFiles(new DirectoryInfo(Root)).Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>Those whose C# must compile: all but the decisions, which tell of what was not done, too.</summary>
    public static IReadOnlyList<string> CompiledDocuments { get; } =
        [.. Documents.Where(document => !document.StartsWith("docs/decisions/", StringComparison.Ordinal))];

    public static string Read(string document) => File.ReadAllText(Path.Combine(Root, document));

    private static IEnumerable<FileInfo> MarkdownFiles(DirectoryInfo folder) => folder.GetFiles("*.md").Concat(folder.GetDirectories()
        .Where(child => child.Name[0] != '.' && !Foreign.Contains(child.Name, StringComparer.Ordinal))
        .SelectMany(MarkdownFiles));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
