using Freehold.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Freehold;

/// <summary>Signs tenants where they cross from process to process.</summary>
public static class TenantSigningExtensions
{
    /// <summary>
    /// From here on a tenant that arrives with a message, a job or an HTTP header is believed only with a signature of
    /// <see cref="TenantSigningOptions.Keys"/> that was made for this very message, job or request; all that leaves is signed.
    /// <c>tenancy.SignTenants(signing =&gt; signing.Keys["2026-11"] = secret)</c>, or <c>SignTenants(configuration.GetSection("…").Bind)</c>.
    /// </summary>
    /// <param name="tenancy">The tenancy.</param>
    /// <param name="configure">The keys; may be left out where <see cref="TenantSigningOptions"/> are configured elsewhere.</param>
    public static MultiTenancyBuilder SignTenants(this MultiTenancyBuilder tenancy, Action<TenantSigningOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        tenancy.Services.Configure<TenantSigningOptions>(options => options.IsOn = true);
        tenancy.Services.Configure(configure ?? (_ => { }));
        tenancy.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupCheck, TenantKeysCheck>());
        return tenancy;
    }

    internal static void AddTenantSigning(this IServiceCollection services)
    {
        services.AddSingleton<TenantKeys>();
        services.AddSingleton(provider => new TenantSigner(provider.GetRequiredService<TenantKeys>(), provider.GetRequiredService<TimeProvider>()));
    }
}

/// <summary>Are the keys possible?</summary>
internal sealed class TenantKeysCheck(IServiceProvider services) : IStartupCheck
{
    public void Run() => services.GetRequiredService<TenantKeys>();
}
