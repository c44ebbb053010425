using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests.Ways;

[Boundary("MassTransit", "immediate retry", "in memory")]
public sealed class InMemoryImmediateRetryTests() : RetryPropagation(Wire.InMemory, retry => retry.Immediate(1));

[Boundary("MassTransit", "immediate retry", "RabbitMQ")]
public sealed class RabbitMqImmediateRetryTests() : RetryPropagation(Wire.RabbitMq, retry => retry.Immediate(1));

[Boundary("MassTransit", "delayed retry", "in memory")]
public sealed class InMemoryDelayedRetryTests() : RetryPropagation(Wire.InMemory, retry => retry.Interval(1, TimeSpan.FromMilliseconds(5)));

[Boundary("MassTransit", "delayed retry", "RabbitMQ")]
public sealed class RabbitMqDelayedRetryTests() : RetryPropagation(Wire.RabbitMq, retry => retry.Interval(1, TimeSpan.FromMilliseconds(5)));

/// <summary>The first attempt always fails, the second visits.</summary>
public abstract class RetryPropagation(Wire wire, Action<IRetryConfigurator> configure) : BusPropagation(wire)
{
    protected override int Retries => 0;

    protected override void Register(IBusRegistrationConfigurator buses) =>
        buses.AddConsumer<SecondTimeConsumer>();

    protected override void Configure(IBusRegistrationContext context, IBusFactoryConfigurator bus) => bus.UseMessageRetry(retry =>
    {
        configure(retry);
        retry.ConnectRetryObserver(context.GetRequiredService<DeliveryLog>());
    });

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.PublishVisitAsync(visit, mayLackTenant);
}

[Boundary("MassTransit", "redelivery", "in memory")]
public sealed class RedeliveryPropagationTests() : BusPropagation(Wire.InMemory)
{
    protected override bool EndsWithFirstMessage => false;

    protected override int Retries => 0;

    protected override void Register(IBusRegistrationConfigurator buses) =>
        buses.AddConsumer<SecondTimeConsumer>();

    protected override void Configure(IBusRegistrationContext context, IBusFactoryConfigurator bus) =>
        bus.UseDelayedRedelivery(redelivery => redelivery.Interval(1, TimeSpan.FromMilliseconds(5)));

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.PublishVisitAsync(visit, mayLackTenant);
}

public sealed class SecondTimeConsumer(FarSide farSide) : IConsumer<VisitOrdered>, IConsumer<OpenVisitOrdered>
{
    public Task Consume(ConsumeContext<VisitOrdered> context) => VisitAsync(context, context.Message);

    public Task Consume(ConsumeContext<OpenVisitOrdered> context) => VisitAsync(context, context.Message);

    private Task VisitAsync(ConsumeContext context, IVisitOrdered ordered) => context.GetRetryAttempt() + context.GetRedeliveryCount() == 0
        ? throw new FarSideException()
        : farSide.VisitAsync(ordered.Visit);
}

[Boundary("MassTransit", "fault consumer", "in memory")]
public sealed class InMemoryFaultTests() : FaultPropagation(Wire.InMemory);

[Boundary("MassTransit", "fault consumer", "RabbitMQ")]
public sealed class RabbitMqFaultTests() : FaultPropagation(Wire.RabbitMq);

public abstract class FaultPropagation(Wire wire) : BusPropagation(wire)
{
    protected override bool EndsWithFirstMessage => false;

    protected override void Register(IBusRegistrationConfigurator buses)
    {
        buses.AddConsumer<FailingConsumer>();
        buses.AddConsumer<VisitFaultConsumer>();
    }

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.PublishVisitAsync(visit, mayLackTenant);
}

public sealed class FailingConsumer : IConsumer<VisitOrdered>, IConsumer<OpenVisitOrdered>
{
    public Task Consume(ConsumeContext<VisitOrdered> context) => throw new FarSideException();

    public Task Consume(ConsumeContext<OpenVisitOrdered> context) => throw new FarSideException();
}

/// <summary>Also hears of what was refused: that is nobody's, and no visit.</summary>
public sealed class VisitFaultConsumer(IServiceProvider services) : IConsumer<Fault<VisitOrdered>>, IConsumer<Fault<OpenVisitOrdered>>
{
    public Task Consume(ConsumeContext<Fault<VisitOrdered>> context) => VisitAsync(context.Message, context.Message.Message);

    public Task Consume(ConsumeContext<Fault<OpenVisitOrdered>> context) => VisitAsync(context.Message, context.Message.Message);

    private Task VisitAsync(Fault fault, IVisitOrdered ordered) => fault.Exceptions[0].ExceptionType == typeof(FarSideException).FullName
        ? services.GetRequiredService<FarSide>().VisitAsync(ordered.Visit)
        : Task.CompletedTask;
}
