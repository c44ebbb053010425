using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Freehold.Analyzers.Tests;

public partial class DocumentationTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    [Fact]
    public async Task What_the_page_shows_is_reported_where_it_says_so()
    {
        const string shop = """
            global using System;
            global using System.Threading;
            global using System.Threading.Tasks;
            namespace Shop.Docs;
            public class Order { public int Id { get; set; } }
            public class ShopDb(Microsoft.EntityFrameworkCore.DbContextOptions options) : Microsoft.EntityFrameworkCore.DbContext(options)
            {
                public Microsoft.EntityFrameworkCore.DbSet<Order> Orders => Set<Order>();
            }
            """;
        var page = await File.ReadAllTextAsync(Path.Combine(Root, "tests", "Docs.Tests", "Snippets", "AnalyzersPage.cs"));

        var reported = await UserCode.AnalyzeAsync((shop, "Shop.cs"), (page, "Page.cs"));

        var marked = page.Split('\n').Index().Select(line => (line.Index, Mark().Match(line.Item).Groups["id"].Value)).Where(line => line.Value != "").ToArray();
        marked.Length.ShouldBe(6);
        reported.Select(diagnostic => (diagnostic.Location.GetLineSpan().StartLinePosition.Line, diagnostic.Id)).ShouldBe(marked, ignoreOrder: true);
    }

    [Fact]
    public async Task Every_rule_is_on_the_list_of_releases_and_links_to_its_paragraph_of_the_page()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Root, "docs", "analyzers.md"));
        var releases = await File.ReadAllTextAsync(Path.Combine(Root, "src", "Analyzers", "AnalyzerReleases.Unshipped.md"))
            + await File.ReadAllTextAsync(Path.Combine(Root, "src", "Analyzers", "AnalyzerReleases.Shipped.md"));

        foreach (var rule in UserCode.Rules)
        {
            page.ShouldContain($"\n## {rule.Id}\n");
            releases.ShouldContain($"\n{rule.Id} ");
            rule.HelpLinkUri.ShouldBe($"docs/analyzers.md#{rule.Id.ToLowerInvariant()}");
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"// (?<id>FH\d+)")]
    private static partial Regex Mark();
}
