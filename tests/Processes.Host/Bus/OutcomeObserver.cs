using System.Collections.Concurrent;
using Freehold.Contracts.Remote;
using MassTransit;

namespace Freehold.Processes.Host.Bus;

/// <summary>Reports what became of each message, by its id: watched from the receive loop, outside all that is tested.</summary>
internal sealed class OutcomeObserver(FrameStream near) : IReceiveObserver, IRetryObserver
{
    private readonly ConcurrentDictionary<Guid, int> _retries = new();
    private readonly ConcurrentDictionary<Guid, Exception> _faults = new();

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        var message = IdOf(context);
        var code = (_faults.GetValueOrDefault(message) as TenantException)?.Code;
        near.Send(new(FrameKind.Outcome, message, code, Count: 1 + _retries.GetValueOrDefault(message)));
        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
        ReceiveFault(context.ReceiveContext, exception);

    public Task ReceiveFault(ReceiveContext context, Exception exception)
    {
        _faults[IdOf(context)] = exception;
        return Task.CompletedTask;
    }

    public Task PostCreate<T>(RetryPolicyContext<T> context) where T : class, PipeContext => Task.CompletedTask;

    public Task PostFault<T>(RetryContext<T> context) where T : class, PipeContext
    {
        if (context.Context.TryGetPayload(out ConsumeContext? consumed))
        {
            _retries.AddOrUpdate(IdOf(consumed!.ReceiveContext), 1, (_, retries) => retries + 1);
        }

        return Task.CompletedTask;
    }

    public Task PreRetry<T>(RetryContext<T> context) where T : class, PipeContext => Task.CompletedTask;

    public Task RetryFault<T>(RetryContext<T> context) where T : class, PipeContext => Task.CompletedTask;

    public Task RetryComplete<T>(RetryContext<T> context) where T : class, PipeContext => Task.CompletedTask;

    private static Guid IdOf(ReceiveContext context) => context.GetMessageId() ?? Guid.Empty;
}
