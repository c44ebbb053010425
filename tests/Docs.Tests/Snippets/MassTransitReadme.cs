using Freehold;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Shop.Readme;

namespace Shop.MassTransitReadme;

internal static class Setup
{
    public static void Run(WebApplicationBuilder builder)
    {
        builder.Services.AddMassTransit(x =>
        {
            x.AddConsumers(typeof(Program).Assembly);
            x.UsingRabbitMq((context, bus) =>
            {
                bus.UseMultiTenancy(context);
                bus.ConfigureEndpoints(context);
            });
        });
    }
}

public sealed class OrderPlacedConsumer(ShopDb db) : IConsumer<OrderPlaced>   // ShopDb is the message's tenant's
{
    public Task Consume(ConsumeContext<OrderPlaced> context) => db.SaveChangesAsync(context.CancellationToken);
}

public sealed class OrderState : SagaStateMachineInstance, ITenantSaga   // TenantId is stored with the instance
{
    public Guid CorrelationId { get; set; }

    public string? TenantId { get; set; }
}
