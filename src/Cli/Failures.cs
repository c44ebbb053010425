using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Freehold.Cli;

/// <summary>What went wrong, as a sentence and an exit code.</summary>
internal static class Failures
{
    // SQLSTATE: no connection, no such database or role, no password, the server is ending or full.
    private static readonly string[] ServerStates = ["08", "28", "3D", "53", "57P"];

    /// <summary>Everything is explained; what nobody thought of is shown with the way to see all of it.</summary>
    public static ToolException Explain(Exception failure) => failure switch
    {
        ToolException known => known,
        MissingMemberException or TypeLoadException or FileLoadException => ToolException.Unusable(
            $"The application's packages of Freehold are not of this tool's version: {failure.Message} Install the tool in theirs: dotnet tool update Freehold.Cli --version …", failure),
        OperationCanceledException => new(ExitCode.Interrupted, "Interrupted.", failure),
        _ => OfFreehold(failure),
    };

    // Apart, because at the prompt there is no Freehold to be asked.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ToolException OfFreehold(Exception failure) => failure switch
    {
        InvalidTenantIdException => ToolException.Usage(failure.Message),
        MultiTenancyConfigurationException => ToolException.Unusable(failure.Message, failure),
        _ when IsOfServer(failure) => ToolException.Unusable(Message(failure), failure),
        TenantOperationException or TenantException or TenantConflictException => new(ExitCode.Found, failure.Message, failure),
        _ => ToolException.Unusable($"{Message(failure)} (--verbose shows all of it.)", failure),
    };

    /// <summary>Whether a server could not be reached or entered.</summary>
    public static bool IsOfServer(Exception? failure) => failure switch
    {
        null => false,
        DbException { SqlState: null } database when database.InnerException is System.Net.Sockets.SocketException or IOException or TimeoutException => true,
        DbException { SqlState: { } state } => ServerStates.Any(start => state.StartsWith(start, StringComparison.Ordinal)),
        _ => IsOfServer(failure.InnerException),
    };

    /// <summary>The message in one line: those of servers have several.</summary>
    public static string Line(Exception failure) => string.Join(' ', failure.Message.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Message(Exception failure) => failure.InnerException is { } inner && !failure.Message.Contains(inner.Message, StringComparison.Ordinal)
        ? $"{failure.Message} {inner.Message}"
        : failure.Message;
}
