using System.Diagnostics;
using System.Reflection;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Operations.Tests.Hosting;

/// <summary>A small application in a folder of its own, and the <c>dotnet ef</c> that a user would call there.</summary>
public sealed class DesignTimeApp : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("freehold-ef");

    private string Tool => Path.Combine(_folder.FullName, "tool", OperatingSystem.IsWindows() ? "dotnet-ef.exe" : "dotnet-ef");

    private string App => Path.Combine(_folder.FullName, "app");

    public static async Task<DesignTimeApp> CreateAsync(string program)
    {
        var app = new DesignTimeApp();
        Directory.CreateDirectory(app.App);
        var here = AppContext.BaseDirectory;
        await File.WriteAllTextAsync(Path.Combine(app.App, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseSharedCompilation>false</UseSharedCompilation>
                <NoWarn>NU1603;NU1900</NoWarn>
              </PropertyGroup>
              <ItemGroup>
                <Reference Include="{Path.Combine(here, "Freehold.Core.dll")}" />
                <PackageReference Include="Microsoft.EntityFrameworkCore.Sqlite" Version="{VersionOf(typeof(DbContext))}" />
                <PackageReference Include="Microsoft.EntityFrameworkCore.Design" Version="{VersionOf(typeof(DbContext))}" />
                <PackageReference Include="Microsoft.Extensions.Hosting" Version="{VersionOf(typeof(DbContext))}" />
                <PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" Version="{VersionOf(typeof(NpgsqlDbContextOptionsBuilderExtensions))}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(app.App, "Program.cs"), program);
        await app.RunAsync("dotnet", "tool", "install", "dotnet-ef", "--version", VersionOf(typeof(DbContext)), "--tool-path", Path.GetDirectoryName(app.Tool)!);
        await app.RunAsync("dotnet", "build", "--nologo");
        return app;
    }

    /// <summary>Runs <c>dotnet ef</c> in the application's folder; throws with what it printed if it fails.</summary>
    public Task<string> EfAsync(params string[] arguments) => RunAsync(Tool, arguments);

    /// <summary>The text of all files of a folder of migrations; designer files and snapshots apart.</summary>
    public string MigrationText(string folder) => string.Join('\n', Directory.GetFiles(Path.Combine(App, folder), "*.cs")
        .Where(file => !file.EndsWith(".Designer.cs", StringComparison.Ordinal) && !file.EndsWith("ModelSnapshot.cs", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal).Select(File.ReadAllText));

    public void Write(string file, string text)
    {
        var path = Path.Combine(App, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = App,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in new[] { ("MSBUILDDISABLENODEREUSE", "1"), ("DOTNET_CLI_UI_LANGUAGE", "en"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1") })
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        var text = string.Concat(texts);
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{text}");
    }
}
