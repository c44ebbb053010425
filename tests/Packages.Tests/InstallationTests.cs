namespace Freehold.Packages.Tests;

public class InstallationTests(PackedFeed feed, ITestOutputHelper output)
{
    [Fact]
    public async Task The_packages_in_an_application_outside_the_repository_work_as_the_readme_says()
    {
        if (PackedFeed.HasStandIn)
        {
            output.WriteLine("The package feed lacks MediatR.Contracts: the application gets a copy of the stand-in from a folder.");
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
        ]);
        application.Has("tenants/acme.db").ShouldBeTrue();
        application.Has("tenants/globex.db").ShouldBeTrue();
    }
}
