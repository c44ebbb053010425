using Freehold.Integrations.Hangfire.Creating;
using Freehold.Integrations.Hangfire.Running;
using Hangfire;
using Hangfire.Common;

namespace Freehold.Integrations.Hangfire.Hosts;

/// <summary>
/// The filters, one of each per process, in Hangfire's process-wide collection: the static API sees no other. They keep nothing of a host
/// and find the one they work for by the job's storage (<see cref="TenantHosts"/>).
/// </summary>
internal static class TenantFilters
{
    private static readonly Lock Adding = new();
    private static readonly Job Probe = Job.FromExpression(() => Nothing());
    private static readonly object[] All = [new TenantClientFilter(), new TenantServerFilter()];

    public static void Nothing()
    {
    }

    /// <summary>Adds them where they are missing: process-wide, and to a host's own provider that does not draw on that.</summary>
    public static void AddTo(IJobFilterProvider provider)
    {
        lock (Adding)
        {
            AddMissing(GlobalJobFilters.Filters);
            if (IsComplete(provider))
            {
                return;
            }

            if (provider is not ICollection<IJobFilterProvider> { IsReadOnly: false } own)
            {
                throw new MultiTenancyConfigurationException(
                    $"Hangfire was given a filter provider of its own ({provider.GetType().Name}), which would run jobs without tenants. "
                    + "Let it return what GlobalJobFilters.Filters holds as well.");
            }

            var filters = new JobFilterCollection();
            AddMissing(filters);
            own.Add(filters);
        }
    }

    private static void AddMissing(JobFilterCollection filters)
    {
        foreach (var filter in All.Where(filter => !filters.Contains(filter)))
        {
            filters.Add(filter);
        }
    }

    private static bool IsComplete(IJobFilterProvider provider)
    {
        var instances = provider.GetFilters(Probe).Select(filter => filter.Instance).ToArray();
        return All.All(instances.Contains);
    }
}
