using Freehold.Integrations.HotChocolate.Tests.Hosting;
using HotChocolate.Caching;
using Microsoft.EntityFrameworkCore;

namespace Freehold.Shop;

/// <summary>What caches may keep, for schemas that use <c>[CacheControl]</c>.</summary>
public sealed class CachedQueries
{
    [CacheControl(500, Scope = CacheControlScope.Public, SharedMaxAge = 1000, Vary = ["accept-language"])]
    public Task<string> GetCachedOwnerAsync([TenantDb] ShopDb db, CancellationToken cancellationToken) =>
        db.Orders.Select(order => order.Owner).FirstAsync(cancellationToken);
}

/// <summary>Puts them into the schema.</summary>
public sealed class CachedQueriesExtension : ObjectTypeExtension<CachedQueries>
{
    protected override void Configure(IObjectTypeDescriptor<CachedQueries> descriptor) => descriptor.Name(OperationTypeNames.Query);
}
