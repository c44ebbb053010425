using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Testing.Leaks;

/// <summary>How work reaches its tenant.</summary>
internal sealed record TenantWay(string Name, Func<IServiceProvider, Tenant, Func<IServiceProvider, CancellationToken, Task>, CancellationToken, Task> RunAsync)
{
    public static readonly IReadOnlyList<TenantWay> BuiltIn =
    [
        new("TenantScope", InScopeAsync),
        new("ForTenant", (services, tenant, work, cancellationToken) => services.ForTenantAsync(tenant.Id.Value, work, cancellationToken)),
    ];

    /// <summary>The defect of the control: the work is run for another tenant than it is for, with nothing ambient to compare.</summary>
    public static TenantWay Swapped(IReadOnlyList<Tenant> tenants) => new("swapped", async (services, tenant, work, cancellationToken) =>
    {
        var other = tenants[(tenants.ToList().IndexOf(tenant) + 1) % tenants.Count];
        await InScopeAsync(services, other, work, cancellationToken).ConfigureAwait(false);
    });

    private static async Task InScopeAsync(
        IServiceProvider services, Tenant tenant, Func<IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var entered = TenantScope.Enter(tenant);
        var scope = services.CreateAsyncScope();
        await using var disposing = scope.ConfigureAwait(false);
        await work(scope.ServiceProvider, cancellationToken).ConfigureAwait(false);
    }
}
