using System.Diagnostics;
using Freehold.Cli.Host;
using Freehold.Cli.Tests.Hosting;

namespace Freehold.Cli.Tests.Loading;

/// <summary>The tool in a process of its own, at applications of all kinds.</summary>
public class ApplicationTests
{
    [Fact]
    public async Task An_application_is_built_and_not_started_and_what_it_prints_is_not_among_the_results()
    {
        await using var shops = await Shops.OpenAsync("acme");

        var ran = await shops.StartAsync("list", "--json");

        ran.ExitCode.ShouldBe(0, ran.ToString());
        ran.Document.GetProperty("tenants")[0].GetProperty("id").GetString().ShouldBe("acme");
        ran.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_it_prints_is_shown_where_all_is_to_be_seen()
    {
        await using var shops = await Shops.OpenAsync();

        var ran = await shops.StartAsync("list", "--json", "--verbose");

        ran.Document.GetProperty("tenants").GetArrayLength().ShouldBe(0);
        ran.Messages.ShouldContain("The application prints before it builds its host.");
    }

    [Fact]
    public async Task What_the_application_uses_in_another_version_than_the_tool_does_not_meet_it()
    {
        var (theirs, ours) = (VersionOf(ToolProcess.Application), VersionOf(ToolProcess.Tool));
        theirs.ShouldBeLessThan(ours);
        await using var shops = await Shops.OpenAsync("acme");

        var ran = await shops.StartAsync("list");

        ran.ExitCode.ShouldBe(0, ran.ToString());
        ran.Output.ShouldContain("acme");

        static Version VersionOf(string beside) =>
            Version.Parse(FileVersionInfo.GetVersionInfo(Path.Combine(Path.GetDirectoryName(beside)!, "Spectre.Console.dll")).FileVersion!);
    }

    [Fact]
    public async Task A_project_is_found_in_its_folder()
    {
        await using var shops = await Shops.OpenAsync("acme");
        var folder = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "tests", "Cli.Host");

        using var process = ToolProcess.Start(
            "dotnet", [ToolProcess.Tool, "list", "--no-build", "-c", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))], folder, shops.Environment);
        var ran = await process.EndAsync();

        ran.ExitCode.ShouldBe(0, ran.ToString());
        ran.Output.ShouldContain("acme");
    }

    [Theory]
    [InlineData("fail", "There is no setting 'Fail'. What it needs to start, it needs here")]
    [InlineData("leave", "ended before it had built a host")]
    [InlineData("without", "Call AddOperations() within AddMultiTenancy")]
    public async Task One_that_cannot_be_used_is_explained(string how, string expected)
    {
        var ran = await ToolProcess.RunAsync(["status", "--json", "--assembly", ToolProcess.Application, "--", how]);

        ran.ExitCode.ShouldBe(3, ran.ToString());
        ran.Messages.ShouldContain(expected);
        ran.Document.GetProperty("error").GetString()!.ShouldContain(expected);
    }

    [Fact]
    public async Task One_without_Operations_is_told_what_to_add()
    {
        var ran = await ToolProcess.RunAsync(["status", "--assembly", ToolProcess.Tool]);

        ran.ExitCode.ShouldBe(3, ran.ToString());
        ran.Messages.ShouldContain("freehold does not use Freehold.Operations. Add the package ('dotnet add package Freehold.Operations')");
        ran.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_without_a_project_and_a_file_that_is_no_application_are_refused()
    {
        var nothing = await ToolProcess.RunAsync(["list"]);
        var library = await ToolProcess.RunAsync(["list", "--assembly", typeof(Tenant).Assembly.Location]);

        nothing.ExitCode.ShouldBe(3);
        nothing.Messages.ShouldContain("There is no project in");
        library.ExitCode.ShouldBe(3);
        library.Messages.ShouldContain("Freehold.Core.dll is no application");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_in_a_sentence()
    {
        var ran = await ToolProcess.RunAsync(
            ["status", "--json", "--assembly", ToolProcess.Application], (Shop.EnvironmentVariable, "Host=127.0.0.1;Port=1;Database=none;Username=nobody;Password=secret"));

        ran.ExitCode.ShouldBe(3, ran.ToString());
        ran.Messages.ShouldContain("127.0.0.1:1");
        ran.ToString().ShouldNotContain("secret");
        ran.ToString().ShouldNotContain("   at ");
    }
}
