using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Integrations.Hangfire.Hosts;

/// <summary>One application of this process that runs its jobs in tenants.</summary>
internal sealed class TenantHost
{
    private readonly IServiceProvider _services;
    private volatile bool _sharesStorage;

    public TenantHost(IServiceProvider services, JobActivator activator)
    {
        _services = services;
        Activator = activator;
        Tenants = services.GetRequiredService<ITenantContext>();
        Admission = services.GetRequiredService<TenantAdmission>();
        Signer = services.GetRequiredService<TenantSigner>();
        Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Freehold.Hangfire");
    }

    public ITenantContext Tenants { get; }

    public TenantAdmission Admission { get; }

    public TenantSigner Signer { get; }

    public ILogger Logger { get; }

    /// <summary>Builds this application's job classes.</summary>
    public JobActivator Activator { get; }

    /// <summary>
    /// Admits a tenant where Hangfire lets nothing be awaited. Blocking is safe: its threads are its own, and admission takes up no
    /// synchronization context.
    /// </summary>
    public Tenant Admit(string tenantId, CancellationToken cancellationToken = default) =>
        Admission.AdmitAsync(tenantId, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <summary>Whether both are the same application; its provider has several faces, its admission is one.</summary>
    public bool IsSameAs(TenantHost other) => ReferenceEquals(Admission, other.Admission);

    /// <summary>The storage that its container hands out; null once the container is disposed.</summary>
    public JobStorage? FindStorage()
    {
        try
        {
            return _services.GetRequiredService<JobStorage>();
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>From now on nobody's: two applications have this storage, and whose tenants its jobs mean cannot be told.</summary>
    public void ShareStorage() => _sharesStorage = true;

    /// <summary>This, if its storage is its own.</summary>
    public TenantHost Sole() => _sharesStorage
        ? throw new MultiTenancyConfigurationException(
            "Two applications of this process use one JobStorage instance, so whose tenants its jobs mean cannot be told. "
            + "Give each its own: services.AddSingleton<JobStorage>(...) before AddHangfire.")
        : this;
}
