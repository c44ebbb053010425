using Freehold.Operations.Migrating;
using Freehold.Operations.Places;

namespace Freehold.Operations.Running;

/// <summary>Compares what the histories of a database's places hold with a target.</summary>
internal sealed class SiteComparison(TenantPlaces places, MigrationTarget target)
{
    private (IReadOnlyList<ContextScripts> Contexts, SiteState State)? _last;
    private ILookup<string, (string Schema, string[] HistoryAndMove)>? _dirty;

    /// <summary>Compares a place.</summary>
    public SiteState Of(SiteState state, IReadOnlyList<ContextScripts> contexts, DatabaseHistories found)
    {
        var schema = places.SchemaOf(state.Site)!;
        if (!found.Schemas.Contains(schema) && state.Site.Tenant is not null)
        {
            return state with { Error = NpgsqlPlaces.NoSchema(state.Site, schema) };
        }

        IReadOnlySet<string>?[] histories = [.. contexts.Select(context => found.Applied.GetValueOrDefault((schema, context.History)))];
        _dirty ??= found.Dirty.ToLookup(moved => moved.Schema);
        var isDirty = _dirty.Contains(schema);

        // Most are alike: each set of ids is read once, so those with the same sets are as the one before.
        if (!isDirty && _last is { } last && last.Contexts == contexts && last.State.Histories.SequenceEqual(histories, ReferenceEqualityComparer.Instance))
        {
            return last.State with { Site = state.Site, Tenants = state.Tenants };
        }

        var interrupted = _dirty[schema].Select(moved => (moved.HistoryAndMove[0], StepKey.Move(moved.HistoryAndMove[1]))).ToArray();
        var compared = Of(state, [.. contexts.Zip(histories)], interrupted, target);
        if (!isDirty && compared.Error is null)
        {
            _last = (contexts, compared);
        }

        return compared;
    }

    /// <summary>Compares histories, in the order of their contexts (null: there is no table), and what was interrupted.</summary>
    public static SiteState Of(
        SiteState state, IReadOnlyList<(ContextScripts Context, IReadOnlySet<string>? Applied)> histories, (string History, MigrationMove Move)[] interrupted,
        MigrationTarget target)
    {
        var moves = new List<IReadOnlyList<MigrationMove>>();
        var isOutOfOrder = false;
        foreach (var (context, history) in histories)
        {
            var applied = history ?? ScriptRunner.EmptyHistory;
            moves.Add(MigrationCourse.Of(context, applied, [.. interrupted.Where(step => step.History == context.History).Select(step => step.Move)], target));
            isOutOfOrder |= MigrationCourse.IsOutOfOrder(context, applied, moves[^1]);
        }

        var unknown = UnknownOf(histories);
        var named = histories.Zip(moves).SelectMany(pair => pair.Second.Select(pair.First.Context.Migration)).ToArray();
        var looked = state with
        {
            Unknown = [.. unknown.Select(migration => migration.Id).Order(StringComparer.Ordinal)], IsOutOfOrder = isOutOfOrder, IsDirty = interrupted.Length > 0,
        };
        var targeted = histories.Where(history => target.Concerns(history.Context)).Select(history => history.Context.History).ToHashSet();
        return Array.Find(unknown, migration => targeted.Contains(migration.History) && MigrationCourse.IsBeyond(migration.Id, target)) is { Id: { } beyond }
            ? looked with { Error = Unreachable(state.Site, beyond, target) }
            : looked with
            {
                Histories = [.. histories.Select(history => history.Applied)],
                Moves = moves,
                Pending = [.. named.Where(migration => !migration.IsReverted)],
                Reverted = [.. named.Where(migration => migration.IsReverted)],
            };
    }

    private static (string History, string Id)[] UnknownOf(IReadOnlyList<(ContextScripts Context, IReadOnlySet<string>? Applied)> histories)
    {
        var known = histories.SelectMany(history => history.Context.Ids).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. histories.DistinctBy(history => history.Context.History)
                .SelectMany(history => (history.Applied ?? ScriptRunner.EmptyHistory).Where(id => !known.Contains(id)).Select(id => (history.Context.History, Id: id))),
        ];
    }

    private static TenantOperationException Unreachable(Site site, string unknown, MigrationTarget target) => site.Refused(
        $"its history holds '{unknown}', which is beyond the target '{target.Id}' and which this application does not have, so it cannot be reverted here. Revert it with the version of "
        + "the application that has it, or choose a later target.");
}
