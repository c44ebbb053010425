using Freehold.Core;
using Freehold.Operations.Provisioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold;

/// <summary>Keeps tenants ready for sign-ups.</summary>
public static class SparesMultiTenancyExtensions
{
    /// <summary>
    /// Keeps so many spare tenants (<see cref="ITenantSpares"/>): a hosted service makes what is lacking when the host has started and after each claim in this process. Any number of
    /// processes may do so; together they keep no more than the highest count.
    /// </summary>
    /// <param name="tenancy">The builder within <c>AddMultiTenancy</c>, after <c>AddOperations</c> or before.</param>
    /// <param name="count">How many; at least 1.</param>
    public static MultiTenancyBuilder KeepSpareTenants(this MultiTenancyBuilder tenancy, int count)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        tenancy.AddOperations();
        tenancy.Services.AddSingleton<IStartupCheck, SpareCheck>();
        tenancy.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<SpareKeeper>(services, count));
        return tenancy;
    }
}
