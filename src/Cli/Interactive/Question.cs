using Freehold.Cli.Output;
using Spectre.Console;

namespace Freehold.Cli.Interactive;

/// <summary>What is asked before something is done.</summary>
internal static class Question
{
    private const string Yes = "Yes";
    private const string No = "No";

    /// <summary>Asks; Escape is no, and no is what is offered.</summary>
    public static async Task<bool> AskAsync(Terminal terminal, string question, CancellationToken stop) =>
        await terminal.Results.AnswerAsync(new SelectionPrompt<string>().Title(Markup.Escape(question)).AddChoices(No, Yes).AddCancelResult(No), stop).ConfigureAwait(false) == Yes;
}
