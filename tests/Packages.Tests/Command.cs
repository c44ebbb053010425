using System.Diagnostics;

namespace Freehold.Packages.Tests;

/// <summary>Runs <c>dotnet</c> as a user would at a prompt.</summary>
internal static class Command
{
    // Asked of NuGet and MSBuild; what the scripts say to the build of this repository is no business of the application's.
    private static readonly (string Name, string? Value)[] Environment =
    [
        ("DOTNET_CLI_UI_LANGUAGE", "en"), ("DOTNET_NOLOGO", "1"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("MSBUILDDISABLENODEREUSE", "1"),
        ("UseSharedCompilation", "false"), ("MediatRContractsStandIn", null), ("WithHotChocolate", null),
    ];

    /// <summary>What it printed. Throws with that if it fails.</summary>
    public static Task<string> DotnetAsync(string folder, string[] arguments, params (string Name, string? Value)[] environment) =>
        RunAsync("dotnet", folder, arguments, environment);

    /// <inheritdoc cref="DotnetAsync"/>
    public static async Task<string> RunAsync(string program, string folder, string[] arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment.Concat(environment))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        await using var killer = TestContext.Current.CancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        var text = string.Concat(texts);
        return process.ExitCode == 0
            ? text
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{text}");
    }
}
