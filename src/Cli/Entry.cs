using Freehold.Cli.Loading;
using Freehold.Cli.Output;

namespace Freehold.Cli;

/// <summary>What a process of the tool begins with: at the prompt, or again inside the application's.</summary>
internal static class Entry
{
    public static async Task<int> RunAsync(string[] args)
    {
        var terminal = Terminal.OfProcess(args.Contains(ApplicationOptions.Json.Name));
        if (Handover.TryRead(args) is not { } handover)
        {
            return await new Tool(terminal, new ApplicationProcess(terminal)).RunAsync(args).ConfigureAwait(false);
        }

        using var output = ApplicationOutput.Take(args.Contains(ApplicationOptions.Verbose.Name));
        using var stop = new StopReceiver(handover.StopHandle);
        var exitCode = await new Tool(terminal, new HostedApplication(handover, terminal, output, stop.Token)).RunAsync(args[1..]).ConfigureAwait(false);

        // Threads that the application began hold nobody up.
        Environment.Exit(exitCode);
        return exitCode;
    }
}
