using System.Collections.Concurrent;
using Freehold.Contracts;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Tests.Hosting;

/// <summary>What became of each message, by its id: watched from the receive loop, outside all that is tested.</summary>
public sealed class DeliveryLog : IReceiveObserver, IRetryObserver
{
    private readonly ConcurrentDictionary<Guid, Delivery> _deliveries = new();

    public Delivery Of(Guid message) => _deliveries.GetOrAdd(message, _ => new());

    public Task PreReceive(ReceiveContext context)
    {
        if (IsError(context))
        {
            Of(context).Buried(context.TransportHeaders.GetAll().ToDictionary(header => header.Key, header => $"{header.Value}"));
        }

        return Task.CompletedTask;
    }

    public Task PostReceive(ReceiveContext context)
    {
        if (!IsError(context))
        {
            Of(context).Done();
        }

        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class
    {
        if (!IsError(context.ReceiveContext))
        {
            Of(context.ReceiveContext).Fault = exception;
        }

        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        if (!IsError(context))
        {
            Of(context).Fault = exception;
        }

        return Task.CompletedTask;
    }

    public Task PostCreate<T>(RetryPolicyContext<T> context) where T : class, PipeContext => Task.CompletedTask;

    public Task PostFault<T>(RetryContext<T> context) where T : class, PipeContext
    {
        if (context.Context.TryGetPayload(out ConsumeContext? consumed))
        {
            Of(consumed!.ReceiveContext).Retried();
        }

        return Task.CompletedTask;
    }

    public Task PreRetry<T>(RetryContext<T> context) where T : class, PipeContext => Task.CompletedTask;

    public Task RetryFault<T>(RetryContext<T> context) where T : class, PipeContext => Task.CompletedTask;

    public Task RetryComplete<T>(RetryContext<T> context) where T : class, PipeContext => Task.CompletedTask;

    private static bool IsError(ReceiveContext context) => context.InputAddress.AbsolutePath.EndsWith("_error", StringComparison.Ordinal);

    private Delivery Of(ReceiveContext context) => Of(context.GetMessageId() ?? Guid.Empty);
}

/// <summary>One message's way.</summary>
public sealed class Delivery
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<IReadOnlyDictionary<string, string>> _buried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _retries;

    public Exception? Fault { get; internal set; }

    public int Attempts => 1 + Volatile.Read(ref _retries);

    /// <summary>The receive loop is done with it.</summary>
    public async Task<Delivery> CompletedAsync()
    {
        await _done.Task.WaitAsync(Visit.Patience);
        return this;
    }

    /// <summary>It has come to the error queue, with these headers.</summary>
    public Task<IReadOnlyDictionary<string, string>> InErrorQueueAsync() => _buried.Task.WaitAsync(Visit.Patience);

    internal void Done() => _done.TrySetResult();

    internal void Buried(IReadOnlyDictionary<string, string> headers) => _buried.TrySetResult(headers);

    internal void Retried() => Interlocked.Increment(ref _retries);
}
