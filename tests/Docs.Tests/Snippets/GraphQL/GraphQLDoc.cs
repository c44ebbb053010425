using Freehold;
using GreenDonut;
using HotChocolate;
using HotChocolate.Execution;
using HotChocolate.Subscriptions;
using HotChocolate.Types;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shop.Readme;

#pragma warning disable CA1822 // HotChocolate calls them on an instance.

namespace Shop.GraphQLDoc;

internal static class Setup
{
    public static void Run(WebApplicationBuilder builder, string connectionString)
    {
        builder.Services.AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(connectionString)
            .IsolateBy(Isolation.Schema)
            .AddDbContext<ShopDb>()
            .AddAspNetCore());

        builder.Services.AddGraphQLServer()
            .AddMultiTenancy()
            .AddInMemorySubscriptions()
            .AddTenantTopics()
            .AddQueryType<Query>()
            .AddMutationType<Mutation>()
            .AddSubscriptionType<Subscription>();

        var app = builder.Build();
        app.UseMultiTenancy();
        app.UseWebSockets();
        app.MapGraphQL().AllowNoTenant();   // the schema decides what needs a tenant
    }

    public static void Options(IServiceCollection services)
    {
        services.AddGraphQLServer().AddMultiTenancy(options =>
        {
            options.RequireTenantByDefault = false;   // root fields say it themselves, with [RequireTenant]
            options.DocumentsPerTenant = true;        // the storage of persisted operations is per tenant
        });
    }

    public static async Task ReportAsync(IServiceProvider services, string tenantId, CancellationToken cancellationToken)
    {
        var request = OperationRequestBuilder.New().SetDocument("{ orders { item } }").Build();
        await using var result = await services.ExecuteForTenantAsync(tenantId, request, cancellationToken: cancellationToken);
    }
}

public sealed class Query
{
    public Task<Order[]> Orders([TenantDb] ShopDb db) => db.Orders.ToArrayAsync();   // its own context, of the request's tenant

    [AllowNoTenant]
    public string Version() => "1.0";
}

public sealed class Mutation
{
    public async Task<Order> PlaceOrder(string item, [TenantDb] ShopDb db, ITopicEventSender topics, CancellationToken cancellationToken)
    {
        var order = new Order { Id = Guid.NewGuid(), Item = item };
        db.Orders.Add(order);
        await db.SaveChangesAsync(cancellationToken);
        await topics.SendAsync(nameof(Subscription.OrderPlaced), order, cancellationToken);   // to this tenant's subscribers
        return order;
    }
}

public sealed class Subscription
{
    [Subscribe]
    public Order OrderPlaced([EventMessage] Order order) => order;
}

public sealed class OrderById(IServiceProvider services, IBatchScheduler scheduler, DataLoaderOptions options)
    : BatchDataLoader<Guid, Order>(scheduler, options)
{
    protected override async Task<IReadOnlyDictionary<Guid, Order>> LoadBatchAsync(IReadOnlyList<Guid> keys, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ShopDb>();   // the request's tenant's
        return await db.Orders.Where(order => keys.Contains(order.Id)).ToDictionaryAsync(order => order.Id, cancellationToken);
    }
}
