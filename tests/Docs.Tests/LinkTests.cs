namespace Freehold.Docs.Tests;

public class LinkTests
{
    public static TheoryData<string> Documents => new(Repository.Documents);

    public static TheoryData<string> PackageReadmes => new(Repository.Documents.Where(document => document.StartsWith("src/", StringComparison.Ordinal)));

    [Theory, MemberData(nameof(Documents))]
    public void Every_relative_link_leads_to_a_file_or_folder(string document) => Broken(document, Repository.Read(document)).ShouldBeEmpty();

    [Theory, MemberData(nameof(PackageReadmes))]
    public void The_readme_of_a_package_has_no_relative_links_for_it_is_read_elsewhere(string document) =>
        Markdown.Links(Repository.Read(document)).Where(IsRelative).ShouldBeEmpty();

    [Fact]
    public void A_link_that_leads_nowhere_is_found()
    {
        const string text = """
            [a](LICENSE) [b](nowhere.md "title") ![c](docs/README.md#top) [d](https://example.com/none.md) [e](#here)
            `[f](code.md)` [g]: [h](<docs/none.md>)
            [i]: docs/../gone.md
            ```md
            [j](block.md)
            ```
            <a href="absent.html">k</a> [README](readme.MD)
            """;

        Broken("README.md", text).ShouldBe(["nowhere.md", "docs/none.md", "docs/../gone.md", "absent.html", "readme.MD"]);
        Broken("docs/README.md", "[a](../LICENSE) [b](LICENSE)").ShouldBe(["LICENSE"]);
    }

    private static IEnumerable<string> Broken(string document, string text)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        return Markdown.Links(text).Where(link => IsRelative(link) && !Exists(Target(link)));

        string Target(string link) => Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(link.Split('#')[0])));
    }

    private static bool IsRelative(string link) => link[0] != '#' && !link.Contains(':');

    // In the case it is written in, also where the file system does not mind.
    private static bool Exists(string path) => Path.GetFileName(path.TrimEnd('/')) is var name
        && new DirectoryInfo(Path.GetDirectoryName(path.TrimEnd('/'))!) is { Exists: true } folder
        && folder.EnumerateFileSystemInfos().Any(entry => entry.Name == name);
}
