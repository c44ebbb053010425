using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Freehold.Cli.Loading;

/// <summary>Runs the <c>dotnet</c> that this process runs on.</summary>
internal static class DotnetCommand
{
    /// <summary>The program: that of the runtime which runs this tool; where it has none of its own, the first on the path.</summary>
    public static string Program { get; } = Find();

    /// <summary>What it printed, and its exit code.</summary>
    /// <exception cref="ToolException">There is no such program.</exception>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using var process = Start(start);
        var texts = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken)).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return (process.ExitCode, string.Concat(texts));
    }

    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw ToolException.Unusable($"'{start.FileName}' cannot be started: {failure.Message}. Install the .NET SDK (https://dot.net/download).", failure);
        }
    }

    private static string Find()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }
}
