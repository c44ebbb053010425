using System.CommandLine;
using System.Diagnostics;
using System.IO.Pipes;
using Freehold.Cli.Commands;
using Freehold.Cli.Output;

namespace Freehold.Cli.Loading;

/// <summary>
/// At the prompt: runs the command in a process that is made as the application's own (<c>dotnet exec</c> with its files), so that its versions of everything, and
/// its configuration, are those that work.
/// </summary>
internal sealed class ApplicationProcess(Terminal terminal) : IApplicationAccess
{
    private static readonly string[] EnvironmentVariables = ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    public async Task<int> RunAsync(ApplicationCommand command, ParseResult arguments, IReadOnlyList<string> all, IReadOnlyList<string> applicationArguments)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        using var signals = new StopSignals(pipe);
        var target = await FindAsync(arguments, signals).ConfigureAwait(false);
        var handover = new Handover(target.Assembly, target.Folder, [.. applicationArguments], pipe.GetClientHandleAsString());
        using var process = DotnetCommand.Start(Start(target, handover, arguments, all));
        pipe.DisposeLocalCopyOfClientHandle();
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode;
    }

    private async Task<ApplicationTarget> FindAsync(ParseResult arguments, StopSignals signals)
    {
        try
        {
            return await ApplicationTarget.FindAsync(arguments, terminal.Say, signals.Stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new ToolException(ExitCode.Interrupted, "Interrupted before the application was loaded. Nothing was done.");
        }
    }

    private static ProcessStartInfo Start(ApplicationTarget target, Handover handover, ParseResult arguments, IReadOnlyList<string> all)
    {
        string[] exec = ["exec", "--depsfile", target.DepsFile, "--runtimeconfig", target.RuntimeConfig, typeof(ApplicationProcess).Assembly.Location];
        var start = new ProcessStartInfo(DotnetCommand.Program, [.. exec, handover.Write(), .. all]);
        if (Environment(target, arguments) is { } environment)
        {
            foreach (var name in EnvironmentVariables)
            {
                start.Environment[name] = environment;
            }
        }

        return start;
    }

    // As dotnet ef and dotnet run do it with a project; what was published is where it runs, and knows by itself.
    private static string? Environment(ApplicationTarget target, ParseResult arguments) =>
        arguments.GetValue(ApplicationOptions.Environment) is { } named ? named
        : target.Folder is null || EnvironmentVariables.Any(name => !string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable(name))) ? null
        : "Development";
}
