using Freehold.Benchmarks.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Fairness;

/// <summary>A schema per tenant with Freehold, one of them noisy, with a budget or without.</summary>
internal sealed class LimitedApplication(TenantDatabase database, Budget budget) : EfApplication<TenantDb>(database)
{
    public Budget Budget { get; } = budget;

    public Tenant Noisy => Tenants[0];

    public IReadOnlyList<Tenant> Quiet { get; } = [.. database.Tenants.Skip(1)];

    public Task ReadAsync(Tenant tenant) => InScopeAsync(tenant, db => ReadAsync(db, key: 1));

    /// <summary>Holds a connection and nothing else of the server.</summary>
    public Task WaitAsync(Tenant tenant) => InScopeAsync(tenant, db => db.Database.ExecuteSqlRawAsync("SELECT pg_sleep(0.05)"));

    protected override void Configure(IServiceCollection services) => services.AddMultiTenancy(tenancy =>
    {
        tenancy.UseNpgsql(Database.Pool(Budget.Name) + ";Timeout=120").IsolateBy(Isolation.Schema).UseTenants([.. Database.Tenants]).AddDbContext<TenantDb>();
        if (Budget.Limits is { } limits)
        {
            tenancy.LimitConnections(limits);
        }
    });

    private async Task InScopeAsync(Tenant tenant, Func<TenantDb, Task> work)
    {
        using var entered = TenantScope.Enter(tenant);
        await using var scope = Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<TenantDb>());
    }
}
