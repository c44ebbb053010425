using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using MassTransit.Contracts.JobService;
using MassTransit.Courier.Contracts;

namespace Freehold.Integrations.MassTransit.Tests.Ways;

[Boundary("MassTransit", "saga state machine", "in memory")]
public sealed class InMemorySagaTests() : SagaPropagation(Wire.InMemory);

[Boundary("MassTransit", "saga state machine", "RabbitMQ")]
public sealed class RabbitMqSagaTests() : SagaPropagation(Wire.RabbitMq);

public abstract class SagaPropagation(Wire wire) : BusPropagation(wire)
{
    protected override void Register(IBusRegistrationConfigurator buses) =>
        buses.AddSagaStateMachine<VisitStateMachine, VisitState>().InMemoryRepository();

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.PublishVisitAsync(visit, mayLackTenant);
}

public sealed class VisitState : SagaStateMachineInstance, ITenantSaga
{
    public Guid CorrelationId { get; set; }

    public string? TenantId { get; set; }

    public string? CurrentState { get; set; }
}

public sealed class VisitStateMachine : MassTransitStateMachine<VisitState>
{
    public VisitStateMachine()
    {
        InstanceState(visit => visit.CurrentState);
        Event(() => Ordered, ordered => ordered.CorrelateById(context => context.Message.Visit));
        Event(() => OpenOrdered, ordered => ordered.CorrelateById(context => context.Message.Visit));
        Initially(
            When(Ordered).Activity(activity => activity.OfType<VisitActivity<VisitOrdered>>()).Finalize(),
            When(OpenOrdered).Activity(activity => activity.OfType<VisitActivity<OpenVisitOrdered>>()).Finalize());
        SetCompletedWhenFinalized();
    }

    public Event<VisitOrdered> Ordered { get; private set; } = null!;

    public Event<OpenVisitOrdered> OpenOrdered { get; private set; } = null!;
}

public sealed class VisitActivity<T>(FarSide farSide) : IStateMachineActivity<VisitState, T> where T : class, IVisitOrdered
{
    public async Task Execute(BehaviorContext<VisitState, T> context, IBehavior<VisitState, T> next)
    {
        await farSide.VisitAsync(context.Message.Visit);
        await next.Execute(context);
    }

    public Task Faulted<TException>(BehaviorExceptionContext<VisitState, T, TException> context, IBehavior<VisitState, T> next)
        where TException : Exception => next.Faulted(context);

    public void Probe(ProbeContext context) => context.CreateScope("visit");

    public void Accept(StateMachineVisitor visitor) => visitor.Visit(this);
}

[Boundary("MassTransit", "Courier execute", "in memory")]
public sealed class InMemoryExecuteTests() : ExecutePropagation(Wire.InMemory);

[Boundary("MassTransit", "Courier execute", "RabbitMQ")]
public sealed class RabbitMqExecuteTests() : ExecutePropagation(Wire.RabbitMq);

public abstract class ExecutePropagation(Wire wire) : BusPropagation(wire)
{
    protected override Action<MassTransitMultiTenancyOptions> OpenTo => options => options.AllowNoTenant<RoutingSlip>();

    protected override void Register(IBusRegistrationConfigurator buses) =>
        buses.AddExecuteActivity<ExecuteVisit, ItineraryStep>();

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.TravelAsync(visit, "ExecuteVisit_execute");
}

[Boundary("MassTransit", "Courier compensate", "in memory")]
public sealed class InMemoryCompensateTests() : CompensatePropagation(Wire.InMemory);

[Boundary("MassTransit", "Courier compensate", "RabbitMQ")]
public sealed class RabbitMqCompensateTests() : CompensatePropagation(Wire.RabbitMq);

public abstract class CompensatePropagation(Wire wire) : BusPropagation(wire)
{
    protected override bool EndsWithFirstMessage => false;

    protected override Action<MassTransitMultiTenancyOptions> OpenTo => options => options.AllowNoTenant<RoutingSlip>();

    protected override void Register(IBusRegistrationConfigurator buses)
    {
        buses.AddActivity<CompensateVisit, ItineraryStep, ItineraryStep>();
        buses.AddExecuteActivity<Fail, ItineraryStep>();
    }

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => host.TravelAsync(visit, "CompensateVisit_execute", "Fail_execute");
}

public sealed record ItineraryStep(Guid Visit);

public sealed class ExecuteVisit(FarSide farSide) : IExecuteActivity<ItineraryStep>
{
    public async Task<ExecutionResult> Execute(ExecuteContext<ItineraryStep> context)
    {
        await farSide.VisitAsync(context.Arguments.Visit);
        return context.Completed();
    }
}

public sealed class CompensateVisit(FarSide farSide) : IActivity<ItineraryStep, ItineraryStep>
{
    public Task<ExecutionResult> Execute(ExecuteContext<ItineraryStep> context) =>
        Task.FromResult(context.Completed(new ItineraryStep(context.Arguments.Visit)));

    public async Task<CompensationResult> Compensate(CompensateContext<ItineraryStep> context)
    {
        await farSide.VisitAsync(context.Log.Visit);
        return context.Compensated();
    }
}

public sealed class Fail : IExecuteActivity<ItineraryStep>
{
    public Task<ExecutionResult> Execute(ExecuteContext<ItineraryStep> context) => throw new FarSideException();
}

internal static class Travel
{
    public static async Task TravelAsync(this BusHost host, Guid visit, params string[] queues)
    {
        var slip = new RoutingSlipBuilder(Guid.NewGuid());
        foreach (var queue in queues)
        {
            slip.AddActivity(queue, new Uri($"queue:{queue}"), new ItineraryStep(visit));
        }

        var endpoint = await host.Bus.GetSendEndpoint(new Uri($"queue:{queues[0]}"));
        await endpoint.Send(slip.Build(), context => context.MessageId = visit);
    }
}

[Boundary("MassTransit", "job consumer", "in memory")]
public sealed class JobPropagationTests() : BusPropagation(Wire.InMemory)
{
    protected override bool EndsWithFirstMessage => false;

    protected override int Retries => 0;

    protected override void Register(IBusRegistrationConfigurator buses)
    {
        buses.AddDelayedMessageScheduler();
        buses.SetJobConsumerOptions();
        buses.AddJobSagaStateMachines();
        buses.SetInMemorySagaRepositoryProvider();
        buses.AddConsumer<VisitJobConsumer<VisitOrdered>>(Configure<VisitOrdered>);
        buses.AddConsumer<VisitJobConsumer<OpenVisitOrdered>>(Configure<OpenVisitOrdered>).Endpoint(endpoint => endpoint.Name = "open");

        // All at once: who waits for a slot waits long.
        static void Configure<T>(IConsumerConfigurator<VisitJobConsumer<T>> consumer) where T : class, IVisitOrdered =>
            consumer.Options<JobOptions<T>>(job => job.SetConcurrentJobLimit(1_000));
    }

    protected override void Configure(IBusRegistrationContext context, IBusFactoryConfigurator bus) => bus.UseDelayedMessageScheduler();

    protected override Task SendAsync(BusHost host, Guid visit, bool mayLackTenant) => mayLackTenant
        ? SubmitAsync(host, visit, new OpenVisitOrdered(visit))
        : SubmitAsync(host, visit, new VisitOrdered(visit));

    private static Task SubmitAsync<T>(BusHost host, Guid visit, T job) where T : class =>
        host.Bus.Publish<SubmitJob<T>>(new { JobId = visit, Job = job }, context => context.MessageId = visit);
}

public sealed class VisitJobConsumer<T>(FarSide farSide) : IJobConsumer<T> where T : class, IVisitOrdered
{
    public Task Run(JobContext<T> context) => farSide.VisitAsync(context.Job.Visit);
}
