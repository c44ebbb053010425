using Freehold.Core.Placement;
using Freehold.Core.Stores.Caching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Stores;

/// <summary>How a store comes into the container: chosen once, cached where it is not memory itself, its registry checked.</summary>
internal static class TenantStoreRegistration
{
    /// <summary>Registers a store that answers from memory.</summary>
    public static MultiTenancyBuilder AddMemoryStore<TStore>(this MultiTenancyBuilder tenancy, string method, Func<IServiceProvider, TStore> create)
        where TStore : class, ITenantStore
    {
        tenancy.Choose(method);
        tenancy.Services.AddSingleton(create);
        tenancy.Services.AddSingleton<ITenantStore>(services => services.GetRequiredService<TStore>());
        tenancy.Services.AddSingleton<ITenantCache, NoTenantCache>();
        return tenancy.AddRegistry<TStore>(method);
    }

    /// <summary>Registers a store that has to ask.</summary>
    public static MultiTenancyBuilder AddCachedStore<TStore>(this MultiTenancyBuilder tenancy, string method, Func<IServiceProvider, TStore> create)
        where TStore : class, ITenantStore
    {
        tenancy.Choose(method);
        tenancy.Services.TryAddSingleton(create);
        tenancy.Services.AddSingleton(services => new CachingTenantStore(
            services.GetRequiredService<TStore>(),
            services.GetRequiredService<IOptions<MultiTenancyOptions>>(),
            services.GetRequiredService<TimeProvider>()));
        tenancy.Services.AddSingleton<ITenantStore>(services => services.GetRequiredService<CachingTenantStore>());
        tenancy.Services.AddSingleton<ITenantCache>(services => services.GetRequiredService<CachingTenantStore>());
        return tenancy.AddRegistry<TStore>(method);
    }

    private static void Choose(this MultiTenancyBuilder tenancy, string method)
    {
        if (tenancy.Services.FirstOrDefault(service => service.ServiceType == typeof(Choice))?.ImplementationInstance is Choice before)
        {
            throw new MultiTenancyConfigurationException(before.Method == method
                ? $"{method} was called twice. Call it once, with all it should know."
                : $"Both {before.Method} and {method} were called. There is one list of tenants: choose.");
        }

        tenancy.Services.AddSingleton(new Choice(method));
        tenancy.Services.AddSingleton<IStartupCheck, StoreCheck>();
    }

    private static MultiTenancyBuilder AddRegistry<TStore>(this MultiTenancyBuilder tenancy, string method) where TStore : class, ITenantStore
    {
        tenancy.Services.TryAddSingleton<ITenantRegistry>(services =>
        {
            var cache = services.GetRequiredService<ITenantCache>();
            var naming = services.GetRequiredService<IOptions<TenantNamingOptions>>();
            var rules = services.GetService<PlacementRules>();
            return services.GetRequiredService<TStore>() switch
            {
                IAtomicTenantRegistry atomic => new CheckedAtomicRegistry(atomic, cache, naming, rules),
                ITenantRegistry registry => new CheckedTenantRegistry(registry, cache, naming, rules),
                _ => throw new MultiTenancyConfigurationException(
                    $"The tenants of {method} can be read and not written, so there is no ITenantRegistry. Write them where they are kept, or call "
                    + "UsePostgresCatalog, or UseTenantStore with a store that implements ITenantRegistry."),
            };
        });
        return tenancy;
    }

    /// <summary>Which method said where the tenants are.</summary>
    private sealed record Choice(string Method);

    /// <summary>Can the store be built? One whose entries are broken cannot.</summary>
    private sealed class StoreCheck(IServiceProvider services) : IStartupCheck
    {
        public void Run() => services.GetRequiredService<ITenantStore>();
    }
}
