using System.Collections.Concurrent;

namespace Freehold.Integrations.HotChocolate.Tests.Hosting;

/// <summary>Tells who sends an event that somebody has subscribed: a client is not told.</summary>
public sealed class Subscribers
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new();

    public Task Subscribed(string name) => Signal(name).Task.WaitAsync(Contracts.Visit.Patience);

    public void Tell(string name) => Signal(name).TrySetResult();

    private TaskCompletionSource Signal(string name) => _signals.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
