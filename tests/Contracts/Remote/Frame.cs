namespace Freehold.Contracts.Remote;

/// <summary>What near and far process say to each other; one line of JSON each.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Visit">The visit that it is about.</param>
/// <param name="Text">A place, an error or a code.</param>
/// <param name="Tenant">A tenant seen, or to enter; null: none.</param>
/// <param name="Other">The visit to cross for.</param>
/// <param name="Count">How many attempts.</param>
public sealed record Frame(
    FrameKind Kind, Guid Visit = default, string? Text = null, string? Tenant = null, Guid Other = default, int Count = 0);

public enum FrameKind
{
    // From far to near: events.
    Started,
    Built,
    Begun,
    Seen,
    ScriptDue,
    Ended,
    Outcome,
    Done,

    // From near to far: the steps of a script, each answered by Done, and its end.
    Look,
    LookIntoTheDatabase,
    Enter,
    Leave,
    Cross,
    ScriptEnded,
}
