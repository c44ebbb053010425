using Freehold.Cli.Loading;
using Freehold.Cli.Output;

namespace Freehold.Cli;

/// <summary>What a process of the tool begins with: at the prompt, or again inside the application's.</summary>
internal static class Entry
{
    public static async Task<int> RunAsync(string[] args)
    {
        var terminal = Terminal.OfProcess(args.Contains("--json"));
        if (Handover.TryRead(args) is not { } handover)
        {
            return await new Tool(terminal, new ApplicationProcess(terminal)).RunAsync(args).ConfigureAwait(false);
        }

        // What the application prints is nobody's result.
        Console.SetOut(Console.Error);
        using var stop = new StopReceiver(handover.StopHandle);
        return await new Tool(terminal, new HostedApplication(handover, terminal, stop.Token)).RunAsync(args[1..]).ConfigureAwait(false);
    }
}
