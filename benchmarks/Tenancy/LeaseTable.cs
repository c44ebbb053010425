using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>(c) The lease of a context by itself: made and disposed, nothing asked.</summary>
internal sealed class LeaseTable(Report report, Effort effort)
{
    private const double MostNanoseconds = 4_000;

    public async Task RunAsync(TenantDatabase database)
    {
        report.Doing("the lease");
        await using var tenants = new ServiceCollection().With(services => FreeholdApplication.Configure(services, database));
        await using var plain = new ServiceCollection().With(services => services
            .AddDbContextPool<PlainDb>(options => options.UseNpgsql(database.Pool("lease")))
            .AddPooledDbContextFactory<PlainDb>(options => options.UseNpgsql(database.Pool("lease"))));
        var tenant = database.Tenants[0];
        var factory = tenants.GetRequiredService<ITenantDbContextFactory<TenantDb>>();
        var pooled = plain.GetRequiredService<IDbContextFactory<PlainDb>>();
        var enough = Aim.Time(MostNanoseconds);
        report.Differences("(c) A context leased and returned, without a query", await new Comparison(
            Synchronous("EF Core's PooledDbContextFactory", () => pooled.CreateDbContext().Dispose()),
            [
                Synchronous("ITenantDbContextFactory", () => Inside(tenant, () => factory.Create().Dispose()), enough),
                new("ITenantDbContextFactory, disposed asynchronously", count => LoopAsync(count, () => LeaseAsync(tenant, factory)), enough),
                new("plain EF Core, injected into a DI scope", count => LoopAsync(count, () => InjectedAsync<PlainDb>(plain))),
                new("Freehold, injected into a DI scope", count => LoopAsync(count, () => InjectedAsync<TenantDb>(tenants, tenant))),
            ],
            Operations: 2_000,
            effort.Rounds(80)).RunAsync());
    }

    private static void Inside(Tenant tenant, Action work)
    {
        using var entered = TenantScope.Enter(tenant);
        work();
    }

    private static async Task LeaseAsync(Tenant tenant, ITenantDbContextFactory<TenantDb> factory)
    {
        using var entered = TenantScope.Enter(tenant);
        await factory.Create().DisposeAsync();
    }

    private static async Task InjectedAsync<TContext>(IServiceProvider services, Tenant? tenant = null) where TContext : DbContext
    {
        using var entered = tenant is null ? null : TenantScope.Enter(tenant);
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TContext>();
    }

    private static Candidate Synchronous(string name, Action operation, Aim? aim = null) => new(
        name,
        count =>
        {
            for (var i = 0; i < count; i++)
            {
                operation();
            }

            return Task.CompletedTask;
        },
        aim);

    private static async Task LoopAsync(int count, Func<Task> operation)
    {
        for (var i = 0; i < count; i++)
        {
            await operation();
        }
    }
}
