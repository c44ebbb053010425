using MassTransit;

namespace Freehold.Integrations.MassTransit.Sagas;

/// <summary>Where an instance keeps its tenant.</summary>
internal static class SagaOwner
{
    /// <summary>Can instances of this saga keep one?</summary>
    public static bool IsKeptBy(Type saga) =>
        typeof(ITenantSaga).IsAssignableFrom(saga) || typeof(JobSaga).IsAssignableFrom(saga) || typeof(FutureState).IsAssignableFrom(saga);

    public static string? Of(ISaga instance) => instance switch
    {
        ITenantSaga saga => saga.TenantId,
        JobSaga job => Read(job.JobProperties),
        FutureState future => Read(future.Variables),
        _ => null,
    };

    public static void Set(ISaga instance, string tenant)
    {
        switch (instance)
        {
            case ITenantSaga saga:
                saga.TenantId = tenant;
                break;
            case JobSaga job:
                (job.JobProperties ??= new(StringComparer.OrdinalIgnoreCase))[TenantHeader.Name] = tenant;
                break;
            case FutureState future:
                future.Variables[TenantHeader.Name] = tenant;
                break;
        }
    }

    // A repository may give back what its serializer made of a string.
    private static string? Read(Dictionary<string, object>? values) =>
        values is not null && values.TryGetValue(TenantHeader.Name, out var value) ? value?.ToString() : null;
}
