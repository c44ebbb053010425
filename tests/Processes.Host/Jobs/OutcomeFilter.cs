using System.Collections.Concurrent;
using Freehold.Contracts.Remote;
using Hangfire;
using Hangfire.States;
using Hangfire.Storage;

namespace Freehold.Processes.Host.Jobs;

/// <summary>Reports what became of each job, by the visit that it was given.</summary>
internal sealed class OutcomeFilter : IApplyStateFilter
{
    private static readonly ConcurrentDictionary<JobStorage, FrameStream> Reports = new();
    private static readonly Lazy<bool> Added = new(() =>
    {
        GlobalJobFilters.Filters.Add(new OutcomeFilter(), order: 5000);
        return true;
    });

    private readonly ConcurrentDictionary<Guid, int> _attempts = new();

    public static void Report(JobStorage storage, FrameStream near)
    {
        _ = Added.Value;
        Reports[storage] = near;
    }

    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        if (context.BackgroundJob.Job.Args is not [Guid visit] || !Reports.TryGetValue(context.Storage, out var near))
        {
            return;
        }

        var state = context.NewState;
        if (state.Name == ProcessingState.StateName)
        {
            _attempts.AddOrUpdate(visit, 1, (_, attempts) => attempts + 1);
        }
        else if (state.IsFinal || state.Name == FailedState.StateName)
        {
            near.Send(new(FrameKind.Outcome, visit, state.SerializeData()?.GetValueOrDefault("TenantErrorCode"), Count: _attempts.GetValueOrDefault(visit)));
        }
    }

    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
    }
}
