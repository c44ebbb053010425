using System.Collections.Concurrent;
using System.Diagnostics;
using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using RoutingSlipFaulted = MassTransit.Courier.Contracts.RoutingSlipFaulted;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Spans_of_a_delivery_name_the_tenant()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "MassTransit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await Shop.OpenAsync(Wire.InMemory);
        Activity? consuming = null;
        var watched = host.Script().Plan(_ =>
        {
            consuming = Activity.Current;
            return Task.CompletedTask;
        });

        await host.PlaceAsync("acme", watched);
        await host.Deliveries.Of(watched).CompletedAsync();

        var spans = Chain(consuming).Select(span => $"{span.OperationName}: {span.GetTagItem("tenant.id")}").ToArray();
        spans.ShouldNotBeEmpty();
        spans.ShouldAllBe(span => span.EndsWith(": acme"));
    }

    [Fact]
    public async Task Spans_of_sagas_and_of_Couriers_activities_name_the_tenant()
    {
        var spans = new ConcurrentDictionary<string, Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "MassTransit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await BusHost.StartAsync(
            Wire.InMemory,
            services =>
            {
                Shop.AddShop(services);
                services.AddSingleton(spans);
            },
            buses =>
            {
                buses.AddSagaStateMachine<SpanMachine, SpanState>().InMemoryRepository();
                buses.AddActivity<SpanActivity, SpanLog, SpanLog>();
                buses.AddExecuteActivity<FailingActivity, SpanLog>();
            });
        var completed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handle = host.Bus.ConnectReceiveEndpoint("ends", endpoint => endpoint.Handler<RoutingSlipFaulted>(_ =>
        {
            completed.TrySetResult();
            return Task.CompletedTask;
        }));
        await handle.Ready;

        var slip = new RoutingSlipBuilder(Guid.NewGuid());
        slip.AddActivity("first", new Uri("queue:Span_execute"), new SpanLog(1));
        slip.AddActivity("second", new Uri("queue:Failing_execute"), new SpanLog(2));
        using (Shop.Enter("acme"))
        {
            await host.Bus.Publish(new SpanOrdered(Guid.NewGuid()), TestContext.Current.CancellationToken);
            await host.Bus.Execute(slip.Build());
        }

        await completed.Task.WaitAsync(Visit.Patience);
        await host.Services.GetRequiredService<SpanMachine>().Done.Task.WaitAsync(Visit.Patience);
        spans.Keys.ShouldBe(["saga", "execute", "compensate"], ignoreOrder: true);
        spans.Values.ShouldAllBe(span => Equals(span.GetTagItem("tenant.id"), "acme"));
    }

    private static IEnumerable<Activity> Chain(Activity? activity)
    {
        for (; activity is not null && activity.Kind != ActivityKind.Producer; activity = activity.Parent)
        {
            yield return activity;
        }
    }
}

public sealed record SpanOrdered(Guid CorrelationId) : CorrelatedBy<Guid>;

public sealed record SpanLog(int Number);

public sealed class SpanState : SagaStateMachineInstance, ITenantSaga
{
    public Guid CorrelationId { get; set; }

    public string? TenantId { get; set; }

    public string? CurrentState { get; set; }
}

public sealed class SpanMachine : MassTransitStateMachine<SpanState>
{
    public SpanMachine(ConcurrentDictionary<string, Activity> spans)
    {
        InstanceState(state => state.CurrentState);
        Initially(When(Ordered).Then(_ =>
        {
            spans["saga"] = Activity.Current!;
            Done.TrySetResult();
        }).Finalize());
    }

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Event<SpanOrdered> Ordered { get; private set; } = null!;
}

public sealed class SpanActivity(ConcurrentDictionary<string, Activity> spans) : IActivity<SpanLog, SpanLog>
{
    public Task<ExecutionResult> Execute(ExecuteContext<SpanLog> context)
    {
        spans["execute"] = Activity.Current!;
        return Task.FromResult(context.Completed(context.Arguments));
    }

    public Task<CompensationResult> Compensate(CompensateContext<SpanLog> context)
    {
        spans["compensate"] = Activity.Current!;
        return Task.FromResult(context.Compensated());
    }
}

public sealed class FailingActivity : IExecuteActivity<SpanLog>
{
    public Task<ExecutionResult> Execute(ExecuteContext<SpanLog> context) => throw new FarSideException();
}
