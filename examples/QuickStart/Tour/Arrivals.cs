using System.Collections.Concurrent;
using Hangfire;
using Hangfire.States;
using Hangfire.Storage;
using MassTransit;

namespace QuickStart.Tour;

/// <summary>Hears from the bus and from Hangfire when the last step of an order is done, or when any step failed.</summary>
internal sealed class Arrivals : IConsumeObserver, IReceiveObserver, IElectStateFilter, IApplyStateFilter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _invoiced = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static Arrivals Watch(IServiceProvider services)
    {
        var arrivals = new Arrivals();
        var bus = services.GetRequiredService<IBus>();
        bus.ConnectConsumeObserver(arrivals);
        bus.ConnectReceiveObserver(arrivals);
        GlobalJobFilters.Filters.Add(arrivals);
        return arrivals;
    }

    /// <summary>Waits until the background jobs of all these orders have run.</summary>
    /// <exception cref="TourFailedException">A step failed, or it takes too long.</exception>
    public async Task AllInvoicedAsync(IReadOnlyCollection<Guid> orders, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(orders.Select(order => Of(order).Task));
        try
        {
            await (await Task.WhenAny(all, _failed.Task).WaitAsync(Patience, cancellationToken));
        }
        catch (TimeoutException)
        {
            var missing = orders.Count(order => !Of(order).Task.IsCompleted);
            throw new TourFailedException(
                $"{missing} of {orders.Count} orders have no invoice after {Patience.TotalSeconds} seconds, and nothing reported why.");
        }
    }

    public void OnStateElection(ElectStateContext context)
    {
        if (context.CandidateState is FailedState failed)
        {
            Fail($"The job {context.BackgroundJob.Job} failed", failed.Exception);
        }
    }

    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        if (context.NewState is SucceededState && context.BackgroundJob.Job.Args is [Guid order, ..])
        {
            Of(order).TrySetResult();
        }
    }

    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
    }

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception) where T : class =>
        Fail($"Consuming a {typeof(T).Name} failed", exception);

    public Task ReceiveFault(ReceiveContext context, Exception exception) =>
        Fail($"A message on {context.InputAddress} was refused", exception);

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
        Task.CompletedTask;

    public Task PreConsume<T>(ConsumeContext<T> context) where T : class => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context) where T : class => Task.CompletedTask;

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    private TaskCompletionSource Of(Guid order) =>
        _invoiced.GetOrAdd(order, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private Task Fail(string what, Exception why)
    {
        _failed.TrySetException(new TourFailedException($"{what}: {why.GetBaseException().Message}", why));
        return Task.CompletedTask;
    }
}
