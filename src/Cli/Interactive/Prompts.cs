using Spectre.Console;

namespace Freehold.Cli.Interactive;

/// <summary>Asks, and leaves the terminal as it was, also where Ctrl-C comes meanwhile.</summary>
internal static class Prompts
{
    public static async Task<T> AnswerAsync<T>(this IAnsiConsole console, IPrompt<T> prompt, CancellationToken stop)
    {
        try
        {
            return await console.PromptAsync(prompt, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            console.Cursor.Show();
            console.WriteLine();
            throw;
        }
    }
}
