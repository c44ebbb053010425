using System.Collections.Concurrent;
using MassTransit;

namespace Freehold.Integrations.MassTransit;

/// <summary>The message type of a context that the host handed over untyped.</summary>
internal static class MessageType
{
    private static readonly ConcurrentDictionary<Type, Type?> Consumed = new();
    private static readonly ConcurrentDictionary<Type, Type?> Sent = new();

    public static Type? Of(ConsumeContext context) =>
        Consumed.GetOrAdd(context.GetType(), static context => Argument(context, typeof(ConsumeContext<>)));

    public static Type? Of(SendContext context) =>
        Sent.GetOrAdd(context.GetType(), static context => Argument(context, typeof(SendContext<>)));

    private static Type? Argument(Type context, Type definition) =>
        context.GetInterfaces()
            .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == definition)?
            .GetGenericArguments()[0];
}
