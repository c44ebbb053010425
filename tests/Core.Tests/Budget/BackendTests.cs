using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Freehold.Core.Tests.Budget;

/// <summary>A backend that has met too many tenants is replaced, because PostgreSQL never gives back what it remembers of their tables.</summary>
public sealed class BackendTests
{
    private const int Tenants = 60;

    [Fact]
    public async Task No_backend_meets_more_tenants_than_it_may_however_often_each_is_visited()
    {
        var met = await VisitAsync(most: 15);
        met.Values.ShouldAllBe(tenants => tenants.Count <= 15);
        met.Count.ShouldBeGreaterThan(4);
    }

    [Fact]
    public async Task Where_nothing_limits_it_a_backend_meets_all_of_them()
    {
        var met = await VisitAsync(most: null, callers: 1);
        met.Values.ShouldHaveSingleItem().Count.ShouldBe(Tenants);
    }

    [Fact]
    public async Task Tenants_that_stay_few_keep_their_backends()
    {
        var met = await VisitAsync(most: Tenants + 1);
        met.Count.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_transaction_that_is_under_way_when_the_pool_starts_over_ends_undisturbed()
    {
        await using var world = await TenantWorld.SchemasAsync(tenants: 6, maxPoolSize: 2, configure: tenancy => tenancy.Configure(options => options.MaxTenantsPerConnection = 2));
        await using var busy = world.Factory<ShopDb>().Create(world.A);
        await using var transaction = await busy.Database.BeginTransactionAsync();
        await busy.Orders.ExecuteUpdateAsync(set => set.SetProperty(order => order.Version, 7));
        foreach (var tenant in world.Tenants.Skip(1))
        {
            await using var db = world.Factory<ShopDb>().Create(tenant);
            await db.Orders.CountAsync();
        }

        await transaction.CommitAsync();
        (await busy.Orders.CountAsync(order => order.Version == 7)).ShouldBe(3);
    }

    /// <summary>The tenants that each backend met while all were visited three times.</summary>
    private static async Task<Dictionary<int, HashSet<string>>> VisitAsync(int? most, int callers = 2)
    {
        await using var world = await TenantWorld.SchemasAsync(
            Tenants, orders: 1, linesPerOrder: 1, maxPoolSize: 2, configure: tenancy => tenancy.Configure(options => options.MaxTenantsPerConnection = most));
        var met = new Dictionary<int, HashSet<string>>();
        for (var round = 0; round < 3; round++)
        {
            await Parallel.ForEachAsync(world.Tenants, new ParallelOptions { MaxDegreeOfParallelism = callers }, async (tenant, stopping) =>
            {
                await using var db = world.Factory<ShopDb>().Create(tenant);
                await db.Database.OpenConnectionAsync(stopping);
                (await db.Orders.Select(order => order.Owner).SingleAsync(stopping)).ShouldBe(tenant.Id.Value);
                var backend = ((NpgsqlConnection)db.Database.GetDbConnection()).ProcessID;
                lock (met)
                {
                    (met.TryGetValue(backend, out var tenants) ? tenants : met[backend] = []).Add(tenant.Id.Value);
                }
            });
        }

        return met;
    }
}
