using System.Collections.Concurrent;
using System.Threading.Channels;
using Freehold.Contracts;
using Hangfire;
using Hangfire.States;
using Hangfire.Storage;

namespace Freehold.Integrations.Hangfire.Tests.Hosting;

/// <summary>A state that a job came to, and the tenant that was current on the thread that brought it there.</summary>
internal sealed record JobState(string Name, string? Reason, IReadOnlyDictionary<string, string> Data, string? TenantOfThread)
{
    public string? Code => Data.GetValueOrDefault("TenantErrorCode");

    public bool IsEnd => Name is "Succeeded" or "Failed" or "Deleted";
}

/// <summary>Reports every state of every job in the process to whoever waits for it.</summary>
internal sealed class JobWatch : IApplyStateFilter
{
    private static readonly ConcurrentDictionary<(JobStorage Storage, string Job), Channel<JobState>> Channels = new();
    private static readonly Lazy<bool> Added = new(() =>
    {
        GlobalJobFilters.Filters.Add(new JobWatch(), order: 5000);
        return true;
    });

    public static bool Start() => Added.Value;

    /// <summary>The states of a job from the last one read here to the next end, or to the next of that name.</summary>
    public static async Task<IReadOnlyList<JobState>> ReadToEndAsync(JobStorage storage, string job, string? until)
    {
        using var patience = new CancellationTokenSource(Visit.Patience);
        var states = new List<JobState>();
        await foreach (var state in Of(storage, job).Reader.ReadAllAsync(patience.Token))
        {
            states.Add(state);
            if (until is null ? state.IsEnd : state.Name == until)
            {
                break;
            }
        }

        return states;
    }

    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction) =>
        Of(context.Storage, context.BackgroundJob.Id).Writer.TryWrite(new(
            context.NewState.Name, context.NewState.Reason, context.NewState.SerializeData() ?? [], Ambient.Current?.Id.Value));

    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
    }

    private static Channel<JobState> Of(JobStorage storage, string job) =>
        Channels.GetOrAdd((storage, job), _ => Channel.CreateUnbounded<JobState>());
}
