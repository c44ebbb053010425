using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Freehold.Docs.Tests;

namespace Freehold.Packages.Tests;

/// <summary>An application outside the repository, with a NuGet.config, a folder of packages and a Program.cs of its own.</summary>
internal sealed partial class UserApplication : IDisposable
{
    private static readonly string[] NotFromHere = ["Freehold.*", "MediatR.Contracts"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("freehold-application");

    private string ToolFolder => Path.Combine(_folder.FullName, "tool");

    private string PackageFolder => Path.Combine(_folder.FullName, "packages");

    public string App => Path.Combine(_folder.FullName, "app");

    /// <summary>The README's, with every package.</summary>
    public static async Task<UserApplication> CreateAsync(PackedFeed feed)
    {
        var program = Program(await File.ReadAllTextAsync(Path.Combine(PackedFeed.Root, "README.md")));
        var application = await CreateAsync(feed, feed.Libraries, program);
        foreach (var file in new DirectoryInfo(Path.Combine(PackedFeed.Root, "tests", "Packages.Tests", "Application")).GetFiles("*.cs"))
        {
            file.CopyTo(Path.Combine(application.App, file.Name));
        }

        return application;
    }

    /// <summary>One that refers to a single package.</summary>
    public static Task<UserApplication> CreateAsync(PackedFeed feed, string package, string program) => CreateAsync(feed, [feed[package]], program);

    /// <summary>What the build printed.</summary>
    public Task<string> BuildAsync(params string[] arguments) =>
        Command.DotnetAsync(App, ["build", "-nologo", "-o", "../out", .. arguments], ("NUGET_PACKAGES", PackageFolder));

    public Task<string> RunAsync() => Command.DotnetAsync(App, ["../out/App.dll", "--urls", "http://127.0.0.1:0"]);

    /// <summary>Installs the tool beside the application, from the packed feed.</summary>
    public async Task InstallToolAsync(PackedFeed feed) => await Command.DotnetAsync(
        App, ["tool", "install", "Freehold.Cli", "--version", feed["Freehold.Cli"].Version, "--tool-path", ToolFolder], ("NUGET_PACKAGES", PackageFolder));

    /// <summary>Adds what <c>dotnet ef migrations</c> needs: a package to the application, and the tool beside it.</summary>
    public async Task AddEfAsync()
    {
        var version = XDocument.Load(Path.Combine(PackedFeed.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(package => package.Attribute("Include")!.Value == "Microsoft.EntityFrameworkCore.Design").Attribute("Version")!.Value;
        await Command.DotnetAsync(App, ["add", "package", "Microsoft.EntityFrameworkCore.Design", "--version", version], ("NUGET_PACKAGES", PackageFolder));
        await Command.DotnetAsync(App, ["tool", "install", "dotnet-ef", "--version", version, "--tool-path", ToolFolder], ("NUGET_PACKAGES", PackageFolder));
    }

    /// <summary>What the tool printed, called in the application's folder.</summary>
    public Task<string> FreeholdAsync(params string[] arguments) => Command.RunAsync(
        Path.Combine(ToolFolder, OperatingSystem.IsWindows() ? "freehold.exe" : "freehold"), App, arguments,
        ("NUGET_PACKAGES", PackageFolder),
        ("PATH", $"{ToolFolder}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}"),
        ("DOTNET_ROOT", Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."))));

    public Task WriteAsync(string file, string text) => File.WriteAllTextAsync(Path.Combine(App, file), text);

    public bool Has(string path) => File.Exists(Path.Combine(App, path));

    /// <summary>The versions that were restored.</summary>
    public string[] Versions(string package) =>
        [.. new DirectoryInfo(Path.Combine(PackageFolder, package.ToLowerInvariant())).GetDirectories().Select(version => version.Name)];

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The README's program on SQLite and a bus in memory; what only a server changes is changed, and each change must have its place.</summary>
    public static string Program(string readme)
    {
        var blocks = Markdown.Blocks(readme).Where(block => block.IsCSharp).Select(block => string.Join('\n', block.Lines)).ToArray();
        blocks.Length.ShouldBe(4);
        var setup = blocks[0];
        if (PackedFeed.HasHotChocolate)
        {
            var (schema, endpoint) = blocks[2].Split('\n') switch { [var one, var other] => (one, other), _ => throw new FormatException("The README's third block should have two lines.") };
            Replace("var app = builder.Build();", $"{schema}\nvar app = builder.Build();");
            Replace("app.UseMultiTenancy();", $"app.UseMultiTenancy();\n{endpoint}");
        }

        Replace(".UseNpgsql(connectionString)", ".UseSqlite(\"tenants\")");
        Replace(".IsolateBy(Isolation.Schema)", "");
        Replace("UsingRabbitMq", "UsingInMemory");
        return $"""
            using Freehold;
            using Hangfire;
            using MassTransit;
            using MediatR;
            using Microsoft.EntityFrameworkCore;
            using Shop;

            var builder = WebApplication.CreateBuilder(args);
            builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
            {setup}
            await Visitors.ComeAsync(app);

            {blocks[1]}

            {(PackedFeed.HasHotChocolate ? blocks[3] : "")}
            """;

        void Replace(string old, string with)
        {
            setup.Split(old).Length.ShouldBe(2, $"The README's first block should have {old} once.");
            setup = setup.Replace(old, with, StringComparison.Ordinal);
        }
    }

    private static async Task<UserApplication> CreateAsync(PackedFeed feed, IEnumerable<Package> packages, string program)
    {
        var application = new UserApplication();
        Directory.CreateDirectory(application.App);
        await application.WriteAsync("App.csproj", Project(packages));
        await application.WriteAsync("nuget.config", Configuration(feed, await SourcesAsync()));
        await application.WriteAsync("Program.cs", program);
        return application;
    }

    private static string Project(IEnumerable<Package> packages)
    {
        var versions = XDocument.Load(Path.Combine(PackedFeed.Root, "Directory.Packages.props"));
        var storage = versions.Descendants("PackageVersion").Single(package => package.Attribute("Include")!.Value == "Hangfire.InMemory")
            .Attribute("Version")!.Value;
        return $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NoWarn>$(NoWarn);NU1603;NU1900</NoWarn>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Hangfire.InMemory" Version="{storage}" />
                {string.Join('\n', packages.Select(package => $"""<PackageReference Include="{package.Id}" Version="{package.Version}" />"""))}
              </ItemGroup>
            </Project>
            """;
    }

    // Ours come from the packed feed alone, everything else from where this repository gets it.
    private static string Configuration(PackedFeed feed, IReadOnlyList<(string Name, string Url)> sources) => new XElement(
        "configuration",
        new XElement("packageSources", new XElement("clear"), Add("packed", feed.Folder), sources.Select(source => Add(source.Name, source.Url))),
        new XElement("fallbackPackageFolders", new XElement("clear")),
        new XElement(
            "packageSourceMapping",
            new XElement("clear"),
            Mapping("packed", PackedFeed.HasStandIn ? NotFromHere : NotFromHere[..1]),
            sources.Select(source => Mapping(source.Name, "*")))).ToString();

    private static XElement Add(string name, string value) => new("add", new XAttribute("key", name), new XAttribute("value", value));

    private static XElement Mapping(string source, params string[] patterns) => new(
        "packageSource", new XAttribute("key", source), patterns.Select(pattern => new XElement("package", new XAttribute("pattern", pattern))));

    private static async Task<IReadOnlyList<(string Name, string Url)>> SourcesAsync()
    {
        var listed = await Command.DotnetAsync(PackedFeed.Root, ["nuget", "list", "source"]);
        return [.. EnabledSource().Matches(listed).Select(source => (source.Groups["name"].Value, source.Groups["url"].Value))];
    }

    [GeneratedRegex(@"^ *\d+\. +(?<name>.+) \[Enabled\]\s+(?<url>\S+)", RegexOptions.Multiline)]
    private static partial Regex EnabledSource();
}
