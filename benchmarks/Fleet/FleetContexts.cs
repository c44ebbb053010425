using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Benchmarks.Fleet;

/// <summary>The two versions of the application, with Freehold and without.</summary>
internal static class FleetContexts
{
    /// <summary>Without.</summary>
    public static DbContext Open(string connectionString, bool isSecond) => isSecond
        ? new SecondDb(new DbContextOptionsBuilder<SecondDb>().UseNpgsql(connectionString).Options)
        : new FirstDb(new DbContextOptionsBuilder<FirstDb>().UseNpgsql(connectionString).Options);

    /// <summary>With, and with these tenants on its list.</summary>
    public static ServiceProvider Services(FleetDatabase database, bool isSecond, IEnumerable<Tenant> tenants, Action<MultiTenancyBuilder>? more = null) =>
        new ServiceCollection().AddMultiTenancy(tenancy =>
        {
            tenancy.UseNpgsql(database.ConnectionString).IsolateBy(Isolation.Schema).UseTenants([.. tenants]).AddOperations();
            _ = isSecond ? tenancy.AddDbContext<SecondDb>() : tenancy.AddDbContext<FirstDb>();
            more?.Invoke(tenancy);
        }).BuildServiceProvider();
}
