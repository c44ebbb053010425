namespace Freehold.Cli;

/// <summary>The tool cannot go on; the message is a sentence for whoever typed the command, with the remedy.</summary>
internal sealed class ToolException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>Wrong arguments, or too few.</summary>
    public static ToolException Usage(string message) => new(Cli.ExitCode.Usage, message);

    /// <summary>The application cannot be used.</summary>
    public static ToolException Unusable(string message, Exception? inner = null) => new(Cli.ExitCode.Unusable, message, inner);
}
