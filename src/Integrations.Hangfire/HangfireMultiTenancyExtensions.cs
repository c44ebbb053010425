using Freehold.Integrations.Hangfire.Dashboard;
using Freehold.Integrations.Hangfire.Hosts;
using Freehold.Integrations.Hangfire.Running;
using Hangfire;
using Hangfire.Common;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold;

/// <summary>Adds multi-tenancy to Hangfire.</summary>
public static class HangfireMultiTenancyExtensions
{
    /// <summary>
    /// Jobs keep the tenant of whoever creates them and run in it:
    /// <c>services.AddHangfire((services, hangfire) =&gt; hangfire.UseMultiTenancy(services))</c>.
    /// It is in force for the <see cref="JobStorage"/> of these services, by whatever API a job is created (the static one too). Creating
    /// a job without a tenant is refused with <see cref="TenantMissingException"/> (the inner exception of Hangfire's own), unless the
    /// job's class or method is marked with <see cref="AllowNoTenantAttribute"/>. Hangfire's dashboard gets a page of jobs by tenant. A second call for the same services changes nothing.
    /// </summary>
    /// <param name="configuration">Hangfire's configuration.</param>
    /// <param name="services">The services of the application whose jobs these are: what <c>AddHangfire</c> hands to its callback.</param>
    /// <exception cref="MultiTenancyConfigurationException">
    /// <c>AddMultiTenancy</c> is missing, Hangfire was given a filter provider that hides the filters and cannot be added to, or a job is
    /// created inside the callback.
    /// </exception>
    public static IGlobalConfiguration UseMultiTenancy(this IGlobalConfiguration configuration, IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(services);
        if (services.GetService<TenantAdmission>() is null)
        {
            throw new MultiTenancyConfigurationException(
                "UseMultiTenancy on Hangfire found no tenants: call services.AddMultiTenancy(...) as well, and hand the same application's "
                + "services to UseMultiTenancy.");
        }

        TenantDashboard.AddTo(configuration);
        TenantFilters.AddTo(services.GetService<IJobFilterProvider>() ?? JobFilterProviders.Providers);
        var activator = TenantJobActivator.ActivatorOf(services);
        if (TenantHosts.TryAdd(new(services, activator)))
        {
            configuration.UseActivator(new TenantJobActivator(activator));
        }

        return configuration;
    }
}
