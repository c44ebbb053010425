using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Freehold.Packages.Tests;

public partial class ContentTests(PackedFeed feed)
{
    private static readonly Dictionary<string, string[]> Dependencies = new()
    {
        ["Freehold.Core"] =
        [
            "Microsoft.EntityFrameworkCore.Sqlite", "Microsoft.Extensions.Configuration.Binder", "Microsoft.Extensions.Hosting.Abstractions",
            "Npgsql.EntityFrameworkCore.PostgreSQL", "System.Threading.RateLimiting",
        ],
        ["Freehold.Integrations.AspNetCore"] = ["Freehold.Core"],
        ["Freehold.Integrations.Hangfire"] = ["Freehold.Core", "Hangfire.Core", "Hangfire.NetCore"],
        ["Freehold.Integrations.HotChocolate"] = ["Freehold.Core", "HotChocolate.AspNetCore"],
        ["Freehold.Integrations.MassTransit"] = ["Freehold.Core", "MassTransit"],
        ["Freehold.Integrations.MediatR"] = ["Freehold.Core", "MediatR"],
        ["Freehold.Integrations.Serilog"] = ["Freehold.Core", "Serilog"],
        ["Freehold.Operations"] = ["Freehold.Core", "Microsoft.Extensions.Diagnostics.HealthChecks"],
        ["Freehold.Testing"] = ["Freehold.Operations", "Testcontainers.PostgreSql"],
    };

    private static readonly string[] LeftOut = PackedFeed.HasHotChocolate ? [] : ["Freehold.Integrations.HotChocolate"];

    public static TheoryData<string> Ids => new(Dependencies.Keys.Except(LeftOut));

    [Fact]
    public void The_packages_are_those_of_the_readme()
    {
        var packed = feed.Packages.Select(package => package.Id).ToArray();

        packed.ShouldBe(Dependencies.Keys.Except(LeftOut).Append("Freehold.Cli"), ignoreOrder: true);
        packed.Concat(LeftOut).ShouldBe(
            PackageRow().Matches(File.ReadAllText(Path.Combine(PackedFeed.Root, "README.md"))).Select(row => row.Groups["id"].Value), ignoreOrder: true);
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_package_depends_on_what_its_user_expects(string id)
    {
        var package = feed[id];

        package.Dependencies.Select(dependency => dependency.Id).ShouldBe(Dependencies[id], ignoreOrder: true);
        package.FrameworkReferences.ShouldBe(id is "Freehold.Integrations.AspNetCore" or "Freehold.Integrations.HotChocolate" ? ["Microsoft.AspNetCore.App"] : []);
        package.Dependencies.ShouldAllBe(dependency => dependency.Framework == "net10.0");
        foreach (var (dependency, version, _) in package.Dependencies)
        {
            if (dependency.StartsWith("Freehold.", StringComparison.Ordinal))
            {
                version.ShouldBe(package.Version);
            }
            else if (id != "Freehold.Core")
            {
                version.ShouldMatch(@"^\[\S+, \d+\.0\.0\)$", $"The next major version of {dependency} is not known to work.");
            }
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_package_brings_its_readme_licence_and_documentation_and_nothing_else(string id)
    {
        var package = feed[id];

        string[] analyzers = id == "Freehold.Core" ? ["analyzers/dotnet/cs/Freehold.Analyzers.dll"] : [];
        package.Files.ShouldBe(["README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml", .. analyzers], ignoreOrder: true);
        package["readme"].ShouldBe("README.md");
        package.Text("README.md").ShouldStartWith($"# {id}\n");
        (package.LicenseType, package["license"]).ShouldBe(("expression", "MIT"));
        package["description"].ShouldNotBeEmpty();
        package["authors"].ShouldNotBe(id);
        XDocument.Parse(package.Text($"lib/net10.0/{id}.xml")).Descendants("member").ShouldNotBeEmpty();
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_package_is_the_same_wherever_it_was_built_and_its_symbols_fit(string id)
    {
        feed[id].IsDeterministic().ShouldBeTrue();
        if (PackedFeed.Configuration == "Release")
        {
            feed[id].Sources().ShouldAllBe(source => source.StartsWith("/_/", StringComparison.Ordinal));
        }
    }

    [GeneratedRegex(@"^\| \[(?<id>Freehold\.[^\]]+)\]", RegexOptions.Multiline)]
    private static partial Regex PackageRow();
}
