using System.CommandLine;

namespace Freehold.Cli.Commands;

/// <summary>
/// A command that needs the application's services. It is made at the prompt, too, where there is no Freehold: only what runs may use it.
/// </summary>
internal abstract class ApplicationCommand(string name, string description) : Command(name, description)
{
    /// <summary>Does it, in the application's process.</summary>
    /// <returns>The exit code.</returns>
    public abstract Task<int> RunAsync(Invocation invocation);
}
