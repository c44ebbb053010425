using System.CommandLine;
using Freehold.Cli.Output;

namespace Freehold.Cli.Commands;

/// <summary>Prints the script that completes the tool's commands and options in a shell.</summary>
internal sealed class CompletionCommand : PromptCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    private readonly Argument<string> _shell = new("shell") { Description = $"The shell: {string.Join(", ", Shells)}." };

    public CompletionCommand() : base("completion", "Print the script that completes commands and options in a shell; it says where to put it.")
    {
        _shell.CompletionSources.Add(Shells);
        _shell.Validators.Add(result =>
        {
            if (!Shells.Contains(result.Tokens[0].Value))
            {
                result.AddError($"completion {result.Tokens[0].Value}: it must be one of {string.Join(", ", Shells)}.");
            }
        });
        Add(_shell);
    }

    public override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        await terminal.Results.Profile.Out.Writer.WriteAsync(Resources.Read($"freehold.{arguments.GetValue(_shell)}")).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
