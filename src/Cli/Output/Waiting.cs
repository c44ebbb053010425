using Spectre.Console;

namespace Freehold.Cli.Output;

/// <summary>Shows on a terminal that something goes on whose end nobody knows.</summary>
internal static class Waiting
{
    public static async Task<T> ShowAsync<T>(Terminal terminal, string doing, Func<Task<T>> work) => terminal.Messages.Profile.Out.IsTerminal
        ? await terminal.Messages.Status().StartAsync(Markup.Escape($"{doing} …"), _ => work()).ConfigureAwait(false)
        : await work().ConfigureAwait(false);
}
