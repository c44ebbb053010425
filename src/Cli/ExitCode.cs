namespace Freehold.Cli;

/// <summary>What the process says when it ends. The table is in docs/cli.md.</summary>
internal static class ExitCode
{
    /// <summary>All was done, and nothing was found.</summary>
    public const int Done = 0;

    /// <summary>Something was found, or was not done for some tenant.</summary>
    public const int Found = 1;

    /// <summary>The arguments are wrong, or say too little.</summary>
    public const int Usage = 2;

    /// <summary>The application or its server could not be used.</summary>
    public const int Unusable = 3;

    /// <summary>Ended by Ctrl-C, as shells count it.</summary>
    public const int Interrupted = 130;
}
