using Hangfire;
using Hangfire.Server;
using MassTransit;

namespace Freehold.Processes.Host.Effects;

/// <param name="Key">Tells it from all others.</param>
/// <param name="Owner">The tenant that ordered it: the tenant of the delivery must be the same, and is not taken from here.</param>
/// <param name="Fails">The first attempt fails.</param>
public sealed record EffectOrdered(Guid Key, string Owner, bool Fails);

public sealed class EffectConsumer(EffectWriter writer) : IConsumer<EffectOrdered>
{
    public Task Consume(ConsumeContext<EffectOrdered> context) => writer.WriteAsync(context.Message, context.GetRetryAttempt());
}

[AutomaticRetry(Attempts = 5, DelaysInSeconds = [0])]
public sealed class EffectJob(EffectWriter writer)
{
    public Task RunAsync(Guid key, string owner, bool fails, PerformContext? context) =>
        writer.WriteAsync(new(key, owner, fails), context!.GetJobParameter<int>("RetryCount"));
}
