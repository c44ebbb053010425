using System.Collections.Concurrent;
using Hangfire;
using Hangfire.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests.Ways;

/// <summary>Which tenants a recurring job finds in the list when it fires: crossings run side by side, each with a list of its own.</summary>
internal sealed class ListedTenants(ITenantStore store) : ITenantStore
{
    private static readonly ConcurrentDictionary<string, string> ByRecurringId = new();
    private static readonly AsyncLocal<string?> Listed = new();
    private static readonly Lazy<bool> Added = new(() =>
    {
        GlobalJobFilters.Filters.Add(new Filter());
        return true;
    });

    public static void During(string recurringId, string tenantId) => ByRecurringId[recurringId] = tenantId;

    public static void Decorate(IServiceCollection services)
    {
        _ = Added.Value;
        var store = services.Last(service => service.ServiceType == typeof(ITenantStore)).ImplementationFactory!;
        services.AddSingleton<ITenantStore>(provider => new ListedTenants((ITenantStore)store(provider)));
    }

    public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) => store.FindAsync(id, cancellationToken);

    public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => new[] { new Tenant(Listed.Value!) }.ToAsyncEnumerable();

    private sealed class Filter : IServerFilter
    {
        public void OnPerforming(PerformingContext context)
        {
            var recurringId = context.GetJobParameter<string>("RecurringJobId");
            Listed.Value = recurringId is null ? null : ByRecurringId.GetValueOrDefault(recurringId);
        }

        public void OnPerformed(PerformedContext context) => Listed.Value = null;
    }
}
