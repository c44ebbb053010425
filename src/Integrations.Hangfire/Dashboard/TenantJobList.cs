using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;
using Hangfire.Storage.Monitoring;

namespace Freehold.Integrations.Hangfire.Dashboard;

/// <summary>A job, and the tenant it names.</summary>
internal sealed record TenantJob(string Id, Job? Job, string? TenantId);

/// <summary>A page of jobs, and where the next one begins; null at the end.</summary>
internal sealed record TenantJobPage(IReadOnlyList<TenantJob> Jobs, int? Next);

/// <summary>
/// The jobs in one state, as the storage lists them. Lists hold no parameters, and storages find no job by one: each job that is looked at costs a
/// read, and a filter looks at all until its page is full.
/// </summary>
internal sealed class TenantJobList(JobStorage storage, string state)
{
    /// <summary>How many jobs are looked at for one page.</summary>
    public const int MostRead = 1000;

    private const int Batch = 100;

    public static IReadOnlyList<string> States { get; } =
        [EnqueuedState.StateName, ScheduledState.StateName, ProcessingState.StateName, SucceededState.StateName, FailedState.StateName, DeletedState.StateName];

    public TenantJobPage Read(string? tenantId, int from, int count)
    {
        using var connection = storage.GetConnection();
        List<TenantJob> found = [];
        var position = from;
        while (position - from < MostRead)
        {
            var jobs = List(position, tenantId is null ? count : Batch);
            foreach (var (id, job) in jobs)
            {
                position++;
                var tenant = JobParameters.Shown(connection.GetJobParameter(id, TenantHeader.Name));
                if (tenantId is null || tenant == tenantId)
                {
                    found.Add(new(id, job, tenant));
                }

                if (found.Count == count)
                {
                    return new(found, position);
                }
            }

            if (jobs.Count == 0)
            {
                return new(found, null);
            }
        }

        return new(found, position);
    }

    private List<(string Id, Job? Job)> List(int from, int count)
    {
        var monitor = storage.GetMonitoringApi();
        return state switch
        {
            _ when state == ScheduledState.StateName => Pairs(monitor.ScheduledJobs(from, count), job => job?.Job),
            _ when state == ProcessingState.StateName => Pairs(monitor.ProcessingJobs(from, count), job => job?.Job),
            _ when state == SucceededState.StateName => Pairs(monitor.SucceededJobs(from, count), job => job?.Job),
            _ when state == FailedState.StateName => Pairs(monitor.FailedJobs(from, count), job => job?.Job),
            _ when state == DeletedState.StateName => Pairs(monitor.DeletedJobs(from, count), job => job?.Job),
            _ => Enqueued(monitor, from, count),
        };
    }

    // One queue after the other, as if they were one list.
    private static List<(string Id, Job? Job)> Enqueued(IMonitoringApi monitor, int from, int count)
    {
        foreach (var queue in monitor.Queues())
        {
            if (from < queue.Length)
            {
                return Pairs(monitor.EnqueuedJobs(queue.Name, from, (int)Math.Min(count, queue.Length - from)), job => job?.Job);
            }

            from -= (int)queue.Length;
        }

        return [];
    }

    private static List<(string Id, Job? Job)> Pairs<TDto>(JobList<TDto> jobs, Func<TDto?, Job?> jobOf) => jobs.ConvertAll(pair => (pair.Key, jobOf(pair.Value)));
}
