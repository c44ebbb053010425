using Freehold;
using Hangfire;
using MassTransit;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.Readme;

internal static class Setup
{
    public static async Task RunAsync(WebApplicationBuilder builder, string connectionString)
    {
        builder.Services.AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(connectionString)                      // or UseSqlite(directory): a file per tenant
            .IsolateBy(Isolation.Schema)                      // or Row, or Database; a tenant's record can say otherwise
            .AddDbContext<ShopDb>()                           // any DbContext: no base class, pooled, one model for all tenants
            .AddOperations()                                  // creates and migrates tenants
            .AddAspNetCore());                                // the tenant of a request: the header tenant-id, or host, route, claim, …

        builder.Services.AddMediatR(o => o.RegisterServicesFromAssemblyContaining<Program>().AddMultiTenancy());
        builder.Services.AddMassTransit(x =>
        {
            x.AddConsumers(typeof(Program).Assembly);
            x.UsingRabbitMq((context, bus) => { bus.UseMultiTenancy(context); bus.ConfigureEndpoints(context); });
        });
        builder.Services.AddHangfire((services, hangfire) => hangfire.UseInMemoryStorage().UseMultiTenancy(services));
        builder.Services.AddHangfireServer();

        var app = builder.Build();
        await app.Services.GetRequiredService<ITenantProvisioner>().ProvisionAsync(new Tenant("acme"));   // its schema, migrated
        app.UseMultiTenancy();
        app.MapGet("/orders", (ShopDb db) => db.Orders.ToListAsync());                                     // the request's tenant
        app.MapPost("/orders", (PlaceOrder order, ISender mediator) => mediator.Send(order));
    }
}

public sealed class PlaceOrderHandler(ShopDb db, IPublishEndpoint bus) : IRequestHandler<PlaceOrder>     // the caller's tenant
{
    public async Task Handle(PlaceOrder request, CancellationToken cancellationToken)
    {
        db.Orders.Add(new Order { Id = request.Id, Item = request.Item });
        await db.SaveChangesAsync(cancellationToken);
        await bus.Publish(new OrderPlaced(request.Id), cancellationToken);
    }
}

public sealed class OrderPlacedConsumer(ShopDb db, IBackgroundJobClient jobs) : IConsumer<OrderPlaced>   // the message's tenant
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        var order = await db.Orders.SingleAsync(order => order.Id == context.Message.OrderId);
        jobs.Enqueue<InvoiceJob>(job => job.RunAsync(order.Id));
    }
}

public sealed class InvoiceJob(ShopDb db)                                                                // the enqueuer's tenant
{
    public Task RunAsync(Guid orderId) =>
        db.Orders.Where(order => order.Id == orderId).ExecuteUpdateAsync(set => set.SetProperty(order => order.Invoiced, true));
}

public sealed record PlaceOrder(Guid Id, string Item) : IRequest;

public sealed record OrderPlaced(Guid OrderId);

public sealed class Order
{
    public Guid Id { get; set; }

    public required string Item { get; set; }

    public bool Invoiced { get; set; }
}

public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();
}
