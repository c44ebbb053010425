using System.Security.Cryptography;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire.Tests.Hosting;

/// <summary>A host that signs tenants, and keeps what it logs.</summary>
internal static class SignedHost
{
    public static readonly string Secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public static Task<JobsHost> StartAsync(JobStorage storage, LogRecorder logs, Action<TenantSigningOptions>? configure = null) => JobsHost.StartWithTenantsAsync(
        storage,
        services => services.AddSingleton<ILoggerFactory>(new LoggerFactory([logs])),
        configureTenancy: tenancy => Sign(tenancy, configure));

    public static void Sign(MultiTenancyBuilder tenancy, Action<TenantSigningOptions>? configure = null) => tenancy.SignTenants(signing =>
    {
        signing.Keys["now"] = Secret;
        configure?.Invoke(signing);
    });
}
