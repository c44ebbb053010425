using System.Text.RegularExpressions;

namespace Freehold.Packages.Tests;

public partial class InstallationTests(PackedFeed feed, ITestOutputHelper output)
{
    private static readonly string[] Graph = ["> acme, GraphQL: 200 tea", "> globex, GraphQL: 200 coffee", "> nobody, GraphQL: 400 TENANT_MISSING"];

    [Fact]
    public async Task The_packages_in_an_application_outside_the_repository_work_as_the_readme_says()
    {
        if (PackedFeed.HasStandIn)
        {
            output.WriteLine("The package feed lacks MediatR.Contracts: the application gets a copy of the stand-in from a folder.");
        }

        if (!PackedFeed.HasHotChocolate)
        {
            output.WriteLine("The package feed lacks HotChocolate: the application has no GraphQL.");
        }

        using var application = await UserApplication.CreateAsync(feed);
        await application.BuildAsync();
        application.Versions("Freehold.Core").ShouldBe([feed["Freehold.Core"].Version]);
        application.Versions("MediatR").ShouldBe(["12.4.1"]);

        var printed = await application.RunAsync();

        output.WriteLine(printed);
        printed.Split('\n').Where(line => line.StartsWith("> ", StringComparison.Ordinal)).ShouldBe([
            "> acme: 200 tea, invoiced",
            "> globex: 200 coffee, invoiced",
            "> nobody: 400 TENANT_MISSING",
            "> initech: 404 TENANT_UNKNOWN",
            .. PackedFeed.HasHotChocolate ? Graph : [],
        ]);
        application.Has("tenants/acme.db").ShouldBeTrue();
        application.Has("tenants/globex.db").ShouldBeTrue();
    }

    [Fact]
    public async Task A_package_that_needs_Core_brings_its_analyzers_and_the_build_warns_where_a_mistake_is_marked()
    {
        var code = await File.ReadAllTextAsync(Path.Combine(PackedFeed.Root, "tests", "Packages.Tests", "Mistakes", "Program.cs"));
        using var application = await UserApplication.CreateAsync(feed, "Freehold.Integrations.AspNetCore", code);

        var printed = await application.BuildAsync("-p:TreatWarningsAsErrors=false");

        output.WriteLine(printed);
        var marked = code.Split('\n').Index().Where(line => Mark().IsMatch(line.Item)).Select(line => $"{line.Index + 1}: {Mark().Match(line.Item).Groups["id"]}").ToArray();
        marked.Length.ShouldBe(6);
        Warning().Matches(printed).Select(warning => $"{warning.Groups["line"]}: {warning.Groups["id"]}").Distinct().ShouldBe(marked, ignoreOrder: true);
    }

    [GeneratedRegex(@"// (?<id>FH\d+)")]
    private static partial Regex Mark();

    [GeneratedRegex(@"Program\.cs\((?<line>\d+),\d+\): warning (?<id>FH\d+):")]
    private static partial Regex Warning();
}
