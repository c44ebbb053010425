using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Tenancy;

/// <summary>Freehold, by an isolation, straight or through a pooler.</summary>
internal sealed class TenantApplication(
    TenantDatabase database, string connectionString, Isolation isolation, PoolerMode pooler = PoolerMode.None, Action<DbContextOptionsBuilder>? options = null)
    : EfApplication<TenantDb>(database)
{
    protected override void Configure(IServiceCollection services) => services.AddMultiTenancy(tenancy => tenancy
        .UseNpgsql(connectionString, server: server => server.Pooler = pooler).IsolateBy(isolation).UseTenants([.. Database.Tenants]).AddDbContext<TenantDb>(options));

    protected override IDisposable Enter(Tenant tenant) => TenantScope.Enter(tenant);
}

/// <summary>The rows of all tenants in one table, with the tenant in the query, by a role that policies do not bind or by one that they do.</summary>
internal sealed class WhereApplication(TenantDatabase database, string connectionString, IInterceptor? interceptor = null) : EfApplication<WhereDb>(database)
{
    protected override void Configure(IServiceCollection services) => services.AddDbContextPool<WhereDb>(options =>
    {
        options.UseNpgsql(connectionString);
        if (interceptor is not null)
        {
            options.AddInterceptors(interceptor);
        }
    });

    protected override IDisposable Enter(Tenant tenant) => TenantScope.Enter(tenant);

    protected override async Task ReadAsync(WhereDb db, Tenant tenant, int key)
    {
        var id = tenant.Id.Value;
        var order = await db.Orders.SingleAsync(order => EF.Property<string>(order, "TenantId") == id && order.Id == key);
        if (order.Total != key)
        {
            throw new InvalidOperationException($"Order {key} was read with the total {order.Total}.");
        }
    }
}

/// <summary>What a user writes who has policies and no Freehold: the setting before each query, in the same round trip.</summary>
internal sealed class SettingByHand : DbCommandInterceptor
{
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        command.CommandText = $"SET app.tenant_id TO '{TenantScope.Current!.Id}';\n{command.CommandText}";
        return new(result);
    }
}
