using System.CommandLine;
using Freehold.Cli.Commands;

namespace Freehold.Cli.Loading;

/// <summary>How a command comes to the application's services: in another process, or in this one.</summary>
internal interface IApplicationAccess
{
    /// <summary>Runs it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="arguments">What was parsed.</param>
    /// <param name="all">What was typed, without what comes after <c>--</c>.</param>
    /// <param name="applicationArguments">What came after it.</param>
    /// <returns>The exit code.</returns>
    Task<int> RunAsync(ApplicationCommand command, ParseResult arguments, IReadOnlyList<string> all, IReadOnlyList<string> applicationArguments);
}
