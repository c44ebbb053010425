using Freehold.Shared;
using Freehold.Testing.Tests.Models;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Testing.Tests;

/// <summary>An isolation, or tenants of all of them in one application, straight to PostgreSQL or through a PgBouncer in transaction mode.</summary>
public sealed class Ways(string isolation, bool isPooled) : IAsyncDisposable
{
    private const string Hybrid = nameof(Hybrid);

    // Fewer than connections, so that sessions go from hand to hand.
    private const int Sessions = 2;

    private PgBouncer? _pooler;

    public static TheoryData<string, bool> All
    {
        get
        {
            var ways = new TheoryData<string, bool>();
            foreach (var isolation in new[] { nameof(Isolation.Schema), nameof(Isolation.Database), nameof(Isolation.Row), Hybrid })
            {
                ways.Add(isolation, false);
                ways.Add(isolation, true);
            }

            return ways;
        }
    }

    public TenantLeakSuite<LibraryDb> Suite(Action<DbContextOptionsBuilder>? options = null, Action<TenantLeakOptions>? configure = null) => new(
        (tenancy, connectionString) => Placed(tenancy.UseNpgsql(connectionString, server: server => server.Pooler = isPooled ? PoolerMode.Transaction : PoolerMode.None))
            .AddDbContext<LibraryDb>(options),
        suite =>
        {
            suite.Tenants = isolation switch { Hybrid => 6, nameof(Isolation.Database) => 3, _ => 5 };
            suite.Describe = (tenant, number) => tenant with { Plan = $"{number % 3}" };
            suite.Pooler = isPooled ? PoolAsync : null;
            configure?.Invoke(suite);
        });

    public ValueTask DisposeAsync() => _pooler?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<string> PoolAsync(string connectionString, CancellationToken cancellationToken)
    {
        _pooler = await PgBouncer.StartAsync(connectionString, Sessions);
        return _pooler.ConnectionString;
    }

    // In a hybrid, rows and schemas by a rule, and databases by another one.
    private MultiTenancyBuilder Placed(MultiTenancyBuilder tenancy) => isolation != Hybrid
        ? tenancy.IsolateBy(Enum.Parse<Isolation>(isolation))
        : tenancy.IsolateBy(Isolation.Row, Isolation.Schema, Isolation.Database)
            .PlaceBy(tenant => tenant.Plan == "1" ? new TenantPlacement(Isolation.Schema) : null)
            .PlaceBy(tenant => tenant.Plan == "2" ? new TenantPlacement(Isolation.Database) : null);
}
