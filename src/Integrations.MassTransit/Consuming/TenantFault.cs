using System.Collections.Concurrent;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Tells a requester, and the consumers of a message's faults, why it was not delivered. MassTransit reports by type.</summary>
internal abstract class TenantFault
{
    private static readonly ConcurrentDictionary<Type, TenantFault> Known = new();

    public static Task NotifyAsync(ConsumeContext context, Type? message, TenantException reason) =>
        message is null
            ? Task.CompletedTask
            : Known.GetOrAdd(message, Create).NotifyAsync(context, reason);

    private static TenantFault Create(Type message) => (TenantFault)Activator.CreateInstance(typeof(Of<>).MakeGenericType(message))!;

    protected abstract Task NotifyAsync(ConsumeContext context, TenantException reason);

    private sealed class Of<T> : TenantFault where T : class
    {
        protected override Task NotifyAsync(ConsumeContext context, TenantException reason)
        {
            reason.Data["code"] = reason.Code;
            var typed = context as ConsumeContext<T>;
            return typed is not null || context.TryGetMessage(out typed)
                ? context.NotifyFaulted(
                    typed, context.ReceiveContext.ElapsedTime, $"Freehold.{nameof(TenantAdmission)}: {reason.Code}", reason)
                : Task.CompletedTask;
        }
    }
}
