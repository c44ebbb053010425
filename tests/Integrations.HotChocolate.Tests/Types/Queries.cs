using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

// Not below a namespace called HotChocolate: what the generator writes into it would not find the library.
namespace Freehold.Shop;

/// <summary>What a visitor without a tenant sees, but for one field of it.</summary>
public sealed record Shop(string Name)
{
    [RequireTenant]
    public string GetSecret() => "for tenants";
}

/// <summary>Resolvers that HotChocolate's generator binds.</summary>
[QueryType]
public static partial class Queries
{
    public static Task<List<Order>> GetOrdersAsync([TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Orders.AsNoTracking().OrderBy(order => order.Id).ToListAsync(cancellationToken);

    [UsePaging]
    public static IQueryable<Order> GetPagedOrders([TenantDb] ShopDb db) => db.Orders.AsNoTracking().OrderBy(order => order.Id);

    [UseOffsetPaging]
    [UseProjection]
    [UseFiltering]
    [UseSorting]
    public static IQueryable<Order> GetShapedOrders([TenantDb] ShopDb db) => db.Orders;

    public static IQueryable<Order> GetQueryableOrders([TenantDb] ShopDb db) => db.Orders.AsNoTracking().OrderBy(order => order.Id);

    public static IAsyncEnumerable<Order> GetStreamedOrders([TenantDb] ShopDb db) => db.Orders.AsNoTracking().AsAsyncEnumerable();

    public static Task<List<Order>> GetInjectedOrdersAsync(ShopDb db, CancellationToken cancellationToken) =>
        db.Orders.AsNoTracking().ToListAsync(cancellationToken);

    public static async Task<string> GetFailingAsync([TenantDb] ShopDb db, CancellationToken cancellationToken)
    {
        var owner = await db.Orders.Select(order => order.Owner).FirstAsync(cancellationToken);
        throw new InvalidOperationException($"The resolver of {owner} fails, as the test told it to.");
    }

    public static async Task<string> GetSlowAsync(string name, [TenantDb] ShopDb db, Subscribers started, CancellationToken cancellationToken)
    {
        started.Tell(name);
        await db.Database.ExecuteSqlRawAsync("SELECT pg_sleep(60)", cancellationToken);
        return "awake";
    }

    public static string GetForeign([TenantDb] ShopDb db)
    {
        using var other = TenantScope.Enter(new Tenant("globex"));
        return db.Orders.Select(order => order.Owner).First();
    }

    // Without a context of the tenant's, so that nothing else refuses them.
    [RequireTenant]
    public static int GetOrderCount() => 3;

    [RequireTenant]
    [GraphQLName("renamedCount")]
    public static int GetCountByAnotherName() => 3;

    public static int GetUnmarkedCount() => 3;

    [AllowNoTenant]
    public static Shop GetShop() => new("The shop");

    [AllowNoTenant]
    public static string GetVersion(ITenantContext tenants) => $"1 for {tenants.Current?.Id.Value ?? "nobody"}";

    [AllowNoTenant]
    public static Task<int> CountWithoutTenantAsync([TenantDb] ShopDb db, CancellationToken cancellationToken) => db.Orders.CountAsync(cancellationToken);
}
