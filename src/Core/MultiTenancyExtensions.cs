using Freehold.Core;
using Freehold.Core.Admission;
using Freehold.Core.Audit;
using Freehold.Core.Context;
using Freehold.Core.Data;
using Freehold.Core.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>Adds multi-tenancy to an application.</summary>
public static class MultiTenancyExtensions
{
    /// <summary>
    /// Adds the tenant context, admission, the tenant store, and a tenant-bound form of every DbContext that is registered here. Every log event
    /// written inside a tenant has it as a property (<see cref="TenantTelemetry.TenantId"/>), for providers that take scopes.
    /// </summary>
    /// <exception cref="MultiTenancyConfigurationException">It was added before, or the settings contradict each other.</exception>
    public static IServiceCollection AddMultiTenancy(this IServiceCollection services, Action<MultiTenancyBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(service => service.ServiceType == typeof(ITenantContext)))
        {
            throw new MultiTenancyConfigurationException(
                "AddMultiTenancy was called twice. Call it once, and put all that it should configure into that call.");
        }

        services.AddLogging();
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ITenantContext, AmbientTenant>();
        services.AddSingleton(provider => new TenantAdmission(
            provider.GetRequiredService<ITenantStore>(), provider.GetRequiredService<IOptions<TenantNamingOptions>>(), provider.GetService<TenantRateLimit>()));
        services.AddSingleton<TenantAudit>();
        services.AddTenantSigning();
        TenantScopeProvider.AddTo(services);

        services.AddSingleton(typeof(ContextSource<>));
        services.AddScoped(typeof(ScopedContext<>));
        services.AddSingleton(typeof(TenantDbContextFactory<>));
        services.AddSingleton(typeof(ITenantDbContextFactory<>), typeof(TenantDbContextFactory<>));
        services.AddSingleton(typeof(SharedDbContextFactory<>));
        services.AddSingleton(typeof(ISharedDbContextFactory<>), typeof(SharedDbContextFactory<>));

        // Before what the application adds later, so that nothing starts on settings that cannot work.
        services.AddSingleton<IStartupCheck, OptionsCheck>();
        services.AddSingleton<ServedHosts>();
        services.AddSingleton<IStartupCheck>(provider => new ForgottenBusCheck(services, provider, provider.GetRequiredService<ServedHosts>()));
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, StartupCheck>());

        var builder = new MultiTenancyBuilder(services);
        configure(builder);
        builder.Complete();
        return services;
    }
}
