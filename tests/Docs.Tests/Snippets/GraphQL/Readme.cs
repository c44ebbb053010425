using Freehold;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

#pragma warning disable CA1822 // HotChocolate calls it on an instance.

namespace Shop.Readme;

internal static class GraphQLSetup
{
    public static void Run(WebApplicationBuilder builder, WebApplication app)
    {
        builder.Services.AddGraphQLServer().AddMultiTenancy().AddQueryType<Query>();
        app.MapGraphQL().AllowNoTenant();                                                                  // the schema says what needs a tenant
    }
}

public sealed class Query                                                                                // siblings run side by side:
{
    public Task<List<Order>> OrdersAsync([TenantDb] ShopDb db) => db.Orders.ToListAsync();               // each has a context of its own
}
