using Freehold.Core.Data.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>Health of the servers that tenants' data is on.</summary>
public static class TenantHealthExtensions
{
    /// <summary>Stands before a server's name in the name of its health check: <c>tenant-server:eu</c>.</summary>
    public const string Prefix = "tenant-server:";

    /// <summary>The tag of all of them, to choose or leave them out by: <c>tenant-server</c>.</summary>
    public const string Tag = "tenant-server";

    /// <summary>
    /// Adds a health check for each PostgreSQL server. It connects by itself, so that it says whether the server answers and not whether its
    /// pool is busy; how many connections are in use is in its data, where <c>LimitConnections</c> counts them. One server that is down makes
    /// the report unhealthy although tenants of the others work: choose by <see cref="Tag"/> what a probe of liveness asks.
    /// </summary>
    public static MultiTenancyBuilder AddHealthChecks(this MultiTenancyBuilder tenancy)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        tenancy.Services.AddHealthChecks();
        tenancy.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<HealthCheckServiceOptions>, ServerHealthRegistrations>());
        return tenancy;
    }
}
