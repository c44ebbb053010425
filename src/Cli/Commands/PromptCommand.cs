using System.CommandLine;
using Freehold.Cli.Output;

namespace Freehold.Cli.Commands;

/// <summary>A command that needs no application.</summary>
internal abstract class PromptCommand(string name, string description) : Command(name, description)
{
    /// <summary>Does it, at the prompt.</summary>
    /// <returns>The exit code.</returns>
    public abstract Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop);
}
