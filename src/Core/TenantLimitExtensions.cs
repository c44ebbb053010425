using Freehold.Core;
using Freehold.Core.Admission;
using Freehold.Core.Data.Budget;
using Freehold.Core.Data.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>What one tenant may take from the others: nothing limits that where neither of these is called.</summary>
public static class TenantLimitExtensions
{
    /// <summary>
    /// Counts the connections that work uses, per server and per tenant. Who finds all in use waits in its tenant's own queue, and tenants take
    /// turns; a queue that is full, or a wait that is too long, is <see cref="TenantBusyException"/> where the tenant's own share is used up and
    /// <see cref="TenantUnavailableException"/> where the server's is.
    /// </summary>
    /// <param name="tenancy">What <c>AddMultiTenancy</c> configures.</param>
    /// <param name="configure">Changes the defaults of <see cref="ConnectionLimitOptions"/>.</param>
    public static MultiTenancyBuilder LimitConnections(this MultiTenancyBuilder tenancy, Action<ConnectionLimitOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        tenancy.Services.Configure(configure ?? (static _ => { }));
        tenancy.Services.TryAddSingleton<BudgetMetrics>();
        tenancy.Services.TryAddSingleton<ConnectionBudget>();
        tenancy.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupCheck, ConnectionLimitCheck>());
        return tenancy;
    }

    /// <summary>
    /// Limits how often each tenant is admitted. What is too much waits, where <see cref="TenantRateLimitOptions.Queue"/> lets it, or is refused
    /// with <see cref="TenantBusyException"/>: 429 over HTTP, retried as configured on the bus and in jobs.
    /// </summary>
    /// <param name="tenancy">What <c>AddMultiTenancy</c> configures.</param>
    /// <param name="configure">Changes the defaults of <see cref="TenantRateLimitOptions"/>.</param>
    public static MultiTenancyBuilder LimitRate(this MultiTenancyBuilder tenancy, Action<TenantRateLimitOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        tenancy.Services.Configure(configure ?? (static _ => { }));
        tenancy.Services.TryAddSingleton<TenantRateLimit>();
        tenancy.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupCheck, RateLimitCheck>());
        return tenancy;
    }
}

/// <summary>Are the limits possible, and do they name servers that exist?</summary>
internal sealed class ConnectionLimitCheck(IOptions<ConnectionLimitOptions> options, IEnumerable<NpgsqlServer> servers) : IStartupCheck
{
    public void Run()
    {
        foreach (var defect in options.Value.Defects([.. servers.Select(server => server.Name)]))
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }
}

/// <summary>Is the rate possible?</summary>
internal sealed class RateLimitCheck(IOptions<TenantRateLimitOptions> options) : IStartupCheck
{
    public void Run()
    {
        foreach (var defect in options.Value.Defects())
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }
}
