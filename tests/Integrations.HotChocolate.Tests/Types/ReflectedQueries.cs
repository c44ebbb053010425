using Freehold.Integrations.HotChocolate.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Shop;

/// <summary>Resolvers that HotChocolate binds by reflection.</summary>
public sealed class ReflectedQueries
{
    public Task<List<Order>> GetReflectedOrdersAsync([TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Orders.AsNoTracking().OrderBy(order => order.Id).ToListAsync(cancellationToken);

    [UsePaging]
    [UseFiltering]
    [UseSorting]
    public IQueryable<Order> GetReflectedPages([TenantDb] ShopDb db) => db.Orders.AsNoTracking();

    [RequireTenant]
    public int GetReflectedCount() => 3;

    [AllowNoTenant]
    public string GetReflectedVersion() => "1";
}

/// <summary>Puts them into the schema; the generator finds it.</summary>
public sealed class ReflectedQueriesExtension : ObjectTypeExtension<ReflectedQueries>
{
    protected override void Configure(IObjectTypeDescriptor<ReflectedQueries> descriptor) => descriptor.Name(OperationTypeNames.Query);
}
