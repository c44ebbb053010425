using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Stores;

/// <summary>A process whose tenants are in a controllable store.</summary>
internal sealed class CachedStore : IDisposable
{
    private readonly ServiceProvider _services;

    public CachedStore(ControllableStore inner, Action<MultiTenancyOptions>? configure = null, ManualTime? time = null)
    {
        Inner = inner;
        Time = time ?? new ManualTime();
        _services = new ServiceCollection()
            .AddSingleton(inner)
            .AddSingleton<TimeProvider>(Time)
            .AddMultiTenancy(tenancy => tenancy.UseTenantStore<ControllableStore>().Configure(configure ?? (_ => { })))
            .BuildServiceProvider();
    }

    public ControllableStore Inner { get; }

    public ManualTime Time { get; }

    public ITenantStore Store => _services.GetRequiredService<ITenantStore>();

    public ITenantRegistry Registry => _services.GetRequiredService<ITenantRegistry>();

    public ITenantCache Cache => _services.GetRequiredService<ITenantCache>();

    public TenantAdmission Admission => _services.GetRequiredService<TenantAdmission>();

    public Task<Tenant?> FindAsync(string id) => FindUntilAsync(id, TestContext.Current.CancellationToken);

    public Task<Tenant?> FindUntilAsync(string id, CancellationToken cancellationToken) =>
        Store.FindAsync(TenantId.Parse(id), cancellationToken).AsTask();

    public Task<Tenant> AdmitAsync(string? id) => Admission.AdmitAsync(id, TestContext.Current.CancellationToken).AsTask();

    public void Dispose() => _services.Dispose();
}
