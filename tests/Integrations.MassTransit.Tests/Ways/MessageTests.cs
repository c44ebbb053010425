using System.Runtime.ExceptionServices;
using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests.Ways;

[Boundary("MassTransit", "publish", "in memory")]
public sealed class InMemoryPublishTests() : PublishPropagation(Wire.InMemory);

[Boundary("MassTransit", "publish", "RabbitMQ")]
public sealed class RabbitMqPublishTests() : PublishPropagation(Wire.RabbitMq);

public abstract class PublishPropagation(Wire wire) : BusPropagation(wire)
{
    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.PublishVisitAsync(visit, mayLackTenant);
}

[Boundary("MassTransit", "send to a ReceiveEndpoint", "in memory")]
public sealed class InMemorySendTests() : SendPropagation(Wire.InMemory);

[Boundary("MassTransit", "send to a ReceiveEndpoint", "RabbitMQ")]
public sealed class RabbitMqSendTests() : SendPropagation(Wire.RabbitMq);

public abstract class SendPropagation(Wire wire) : BusPropagation(wire)
{
    protected override void Configure(IBusRegistrationContext context, IBusFactoryConfigurator bus) => bus.ReceiveEndpoint("by-hand", endpoint =>
    {
        endpoint.ConfigureConsumer<VisitConsumer>(context);
        endpoint.ConfigureConsumer<OpenVisitConsumer>(context);
    });

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.SendVisitAsync("by-hand", visit, mayLackTenant);
}

[Boundary("MassTransit", "request/response", "in memory")]
public sealed class InMemoryRequestTests() : RequestPropagation(Wire.InMemory);

[Boundary("MassTransit", "request/response", "RabbitMQ")]
public sealed class RabbitMqRequestTests() : RequestPropagation(Wire.RabbitMq);

public abstract class RequestPropagation(Wire wire) : BusPropagation(wire)
{
    protected override void Register(IBusRegistrationConfigurator buses)
    {
        buses.AddConsumer<AnsweringConsumer<VisitOrdered>>();
        buses.AddConsumer<AnsweringConsumer<OpenVisitOrdered>>().Endpoint(endpoint => endpoint.Name = "open");
        buses.AddRequestClient<VisitOrdered>();
        buses.AddRequestClient<OpenVisitOrdered>();
    }

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) =>
        mayLackTenant ? RequestAsync(host, new OpenVisitOrdered(visit)) : RequestAsync(host, new VisitOrdered(visit));

    private static async Task RequestAsync<T>(BusHost host, T message) where T : class, IVisitOrdered
    {
        await using var services = host.Services.CreateAsyncScope();
        using var request = services.ServiceProvider.GetRequiredService<IRequestClient<T>>().Create(message, timeout: Visit.Patience);
        request.UseExecute(context => context.MessageId = message.Visit);
        var tenant = host.Services.GetRequiredService<ITenantContext>().Current?.Id.Value;
        try
        {
            (await request.GetResponse<Visited>()).Message.Tenant.ShouldBe(tenant);
        }
        catch (RequestException failure) when (failure.InnerException is TenantException refusal)
        {
            ExceptionDispatchInfo.Throw(refusal);
        }
        catch (RequestFaultException failure) when (failure.Fault!.Exceptions[0].ExceptionType != typeof(FarSideException).FullName)
        {
            // Refused: the delivery says with what; here only that the requester was told the same.
            $"{failure.Fault.Exceptions[0].Data!["code"]}".ShouldStartWith("TENANT_");
        }
        catch (RequestFaultException)
        {
            // The far side failed, as the test told it to.
        }
    }
}

[AllowNoTenant]
public sealed record Visited(string? Tenant);

public sealed class AnsweringConsumer<T>(FarSide farSide, ITenantContext tenants) : IConsumer<T> where T : class, IVisitOrdered
{
    public async Task Consume(ConsumeContext<T> context)
    {
        await farSide.VisitAsync(context.Message.Visit);
        await context.RespondAsync(new Visited(tenants.Current?.Id.Value));
    }
}

[Boundary("MassTransit", "batch consumer", "in memory")]
public sealed class InMemoryBatchTests() : BatchPropagation(Wire.InMemory);

[Boundary("MassTransit", "batch consumer", "RabbitMQ")]
public sealed class RabbitMqBatchTests() : BatchPropagation(Wire.RabbitMq);

public abstract class BatchPropagation(Wire wire) : BusPropagation(wire)
{
    // Tried again, messages of a batch come one by one: they would not meet.
    protected override int Retries => 0;

    protected override void Register(IBusRegistrationConfigurator buses)
    {
        buses.AddConsumer<VisitBatchConsumer<VisitOrdered>>(Configure);
        buses.AddConsumer<VisitBatchConsumer<OpenVisitOrdered>>(Configure).Endpoint(endpoint => endpoint.Name = "open");

        static void Configure<T>(IConsumerConfigurator<T> consumer) where T : class => consumer.Options<BatchOptions>(batch =>
            batch.SetMessageLimit(3).SetTimeLimit(TimeSpan.FromMilliseconds(50)).SetConcurrencyLimit(20));
    }

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.PublishVisitAsync(visit, mayLackTenant);
}

/// <summary>Its messages visit at the same time, each its own far side.</summary>
public sealed class VisitBatchConsumer<T>(FarSide first, IServiceProvider services) : IConsumer<Batch<T>> where T : class, IVisitOrdered
{
    public Task Consume(ConsumeContext<Batch<T>> context) => Task.WhenAll(context.Message.Select(async (message, index) =>
    {
        await using var scope = services.CreateAsyncScope();
        var farSide = index == 0 ? first : scope.ServiceProvider.GetRequiredService<FarSide>();
        await farSide.VisitAsync(message.Message.Visit);
    }));
}

[Boundary("MassTransit", "scheduled message", "in memory")]
public sealed class ScheduledPropagationTests() : BusPropagation(Wire.InMemory)
{
    protected override void Register(IBusRegistrationConfigurator buses)
    {
        base.Register(buses);
        buses.AddDelayedMessageScheduler();
    }

    protected override void Configure(IBusRegistrationContext context, IBusFactoryConfigurator bus) => bus.UseDelayedMessageScheduler();

    protected override async Task SendAsync(BusHost host, Guid visit, bool mayLackTenant)
    {
        await (mayLackTenant ? ScheduleAsync(host, new OpenVisitOrdered(visit)) : ScheduleAsync(host, new VisitOrdered(visit)));
    }

    private static async Task ScheduleAsync<T>(BusHost host, T message) where T : class, IVisitOrdered
    {
        await using var services = host.Services.CreateAsyncScope();
        await services.ServiceProvider.GetRequiredService<IMessageScheduler>().SchedulePublish(
            TimeSpan.FromMilliseconds(5), message, Pipe.Execute<SendContext>(context => context.MessageId = message.Visit));
    }
}

[Boundary("MassTransit", "in-memory outbox", "in memory")]
public sealed class InMemoryOutboxPropagationTests() : OutboxPropagation(Wire.InMemory);

[Boundary("MassTransit", "in-memory outbox", "RabbitMQ")]
public sealed class RabbitMqOutboxPropagationTests() : OutboxPropagation(Wire.RabbitMq);

public abstract class OutboxPropagation(Wire wire) : BusPropagation(wire)
{
    protected override bool EndsWithFirstMessage => false;

    protected override void Register(IBusRegistrationConfigurator buses)
    {
        base.Register(buses);
        buses.AddConsumer<RelayingConsumer>();
    }

    protected override void Configure(IBusRegistrationContext context, IBusFactoryConfigurator bus) => bus.UseInMemoryOutbox(context);

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => mayLackTenant
        ? host.Bus.Publish(new OpenRelay(visit), context => context.MessageId = visit)
        : host.Bus.Publish(new Relay(visit), context => context.MessageId = visit);
}

public sealed record Relay(Guid Visit);

[AllowNoTenant]
public sealed record OpenRelay(Guid Visit);

public sealed class RelayingConsumer : IConsumer<Relay>, IConsumer<OpenRelay>
{
    public Task Consume(ConsumeContext<Relay> context) => context.Publish(new VisitOrdered(context.Message.Visit));

    public Task Consume(ConsumeContext<OpenRelay> context) => context.Publish(new OpenVisitOrdered(context.Message.Visit));
}
