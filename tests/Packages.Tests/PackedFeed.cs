using System.IO.Compression;
using System.Reflection;
using System.Runtime.CompilerServices;
using Freehold.Packages.Tests;

[assembly: AssemblyFixture(typeof(PackedFeed))]

namespace Freehold.Packages.Tests;

/// <summary>All packages of the repository, packed once into a folder of their own.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private const string StandIn = "MediatR.Contracts";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("freehold-packages");

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    /// <summary>Whether eng/feed found no MediatR.Contracts: then this feed has a copy of the stand-in, which no package of ours mentions.</summary>
    public static bool HasStandIn { get; } = Environment.GetEnvironmentVariable("MediatRContractsStandIn") == "true";

    /// <summary>Whether eng/feed found HotChocolate: else its adapter is left out, and there is no package of it.</summary>
    public static bool HasHotChocolate { get; } = Environment.GetEnvironmentVariable("WithHotChocolate") != "false";

    public string Folder => _folder.FullName;

    public IReadOnlyList<Package> Packages { get; private set; } = [];

    /// <summary>Those that an application refers to: all but the tool.</summary>
    public IReadOnlyList<Package> Libraries => [.. Packages.Where(package => !package.IsTool)];

    public Package this[string id] => Packages.Single(package => package.Id == id);

    public static string Configuration { get; } = typeof(PackedFeed).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    public async ValueTask InitializeAsync()
    {
        await Command.DotnetAsync(
            Root,
            ["pack", "Integrations.sln", "--no-build", "-c", Configuration, "-o", Folder, "-nologo", "-v", "quiet"],
            ("MediatRContractsStandIn", HasStandIn ? "true" : null),
            ("WithHotChocolate", HasHotChocolate ? null : "false"));
        Packages = [.. _folder.GetFiles("*.nupkg").OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => new Package(file.FullName))];
        if (HasStandIn)
        {
            await PackStandInAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    // By hand, because eng/MediatR.Contracts refuses to be packed.
    private async Task PackStandInAsync()
    {
        // A build of the solution builds it as a debug one: it is not of the solution.
        var built = Directory.EnumerateFiles(Path.Combine(Root, "artifacts", "bin", StandIn), $"{StandIn}.dll", SearchOption.AllDirectories).First();
        await using var package = await ZipFile.OpenAsync(Path.Combine(Folder, $"{StandIn}.2.0.1.nupkg"), ZipArchiveMode.Create);
        await package.CreateEntryFromFileAsync(built, $"lib/net10.0/{StandIn}.dll");
        await using var nuspec = new StreamWriter(await package.CreateEntry($"{StandIn}.nuspec").OpenAsync());
        await nuspec.WriteAsync($"""
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata>
                <id>{StandIn}</id>
                <version>2.0.1</version>
                <authors>A stand-in for one test</authors>
                <description>A stand-in for one test.</description>
              </metadata>
            </package>
            """);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
