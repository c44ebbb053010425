namespace Freehold.Operations.Migrating;

/// <summary>The way from a history to a target. As EF's: what is beyond the target is reverted, newest first; then what is missing up to it is applied.</summary>
internal static class MigrationCourse
{
    /// <summary>The moves. What was interrupted is finished first, also where it leads away from the target.</summary>
    /// <param name="context">Whose migrations.</param>
    /// <param name="applied">The ids in the history.</param>
    /// <param name="interrupted">Moves of which a step outside transactions was begun.</param>
    /// <param name="target">How far.</param>
    public static IReadOnlyList<MigrationMove> Of(
        ContextScripts context, IReadOnlySet<string> applied, IReadOnlyCollection<MigrationMove> interrupted, MigrationTarget target)
    {
        if (!target.Concerns(context))
        {
            return [];
        }

        var last = LastOf(context, target);
        var ahead = context.Ids.Take(last + 1).ToArray();
        var beyond = context.Ids.Skip(last + 1).Reverse().ToArray();
        var unfinished = interrupted.Where(move => move.IsDown == applied.Contains(move.Id) && (move.IsDown ? ahead : beyond).Contains(move.Id, StringComparer.OrdinalIgnoreCase)).ToArray();
        var then = unfinished.Length == 0 ? applied : Made(applied, unfinished);
        return
        [
            .. unfinished,
            .. beyond.Where(then.Contains).Select(id => new MigrationMove(id, IsDown: true)),
            .. ahead.Where(id => !then.Contains(id)).Select(id => new MigrationMove(id, IsDown: false)),
        ];
    }

    /// <summary>Whether something is to be applied that is older than what is applied and stays.</summary>
    public static bool IsOutOfOrder(ContextScripts context, IReadOnlySet<string> applied, IReadOnlyList<MigrationMove> moves)
    {
        var ups = moves.Where(move => !move.IsDown).Select(move => move.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var downs = moves.Where(move => move.IsDown).Select(move => move.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return context.Ids.SkipWhile(id => !ups.Contains(id)).Any(id => applied.Contains(id) && !downs.Contains(id));
    }

    /// <summary>Whether a migration that the context does not have is beyond the target, so that nobody here can revert it.</summary>
    public static bool IsBeyond(string unknown, MigrationTarget target) =>
        target.Id is { } last && (last == MigrationTarget.Nothing || string.Compare(unknown, last, StringComparison.OrdinalIgnoreCase) > 0);

    private static int LastOf(ContextScripts context, MigrationTarget target) => target.Id switch
    {
        null => context.Ids.Count - 1,
        MigrationTarget.Nothing => -1,
        var id => context.Ids.ToList().FindIndex(other => other.Equals(id, StringComparison.OrdinalIgnoreCase)),
    };

    private static HashSet<string> Made(IReadOnlySet<string> applied, IEnumerable<MigrationMove> moves)
    {
        var then = applied.ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var move in moves)
        {
            _ = move.IsDown ? then.Remove(move.Id) : then.Add(move.Id);
        }

        return then;
    }
}
