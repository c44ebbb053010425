using MassTransit;

namespace Freehold.Integrations.MassTransit.Consuming;

/// <summary>Fills each batch of a consumer with messages of one tenant, inside the groups that the application asked for.</summary>
internal static class BatchGrouping
{
    public static void Apply(BatchOptions options)
    {
        if (options.GroupKeyProvider is not IGroupKeyProvider<object, Key>)
        {
            var asked = Asked(options.GroupKeyProvider);
            options.GroupBy<object, Key>(context => new(TenantDelivery.Named(context), asked?.Invoke(context)));
        }
    }

    private static Func<ConsumeContext, object?>? Asked(object? provider)
    {
        var definition = provider?.GetType().GetInterfaces()
            .Single(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IGroupKeyProvider<,>));
        return definition is null
            ? null
            : ((Group)Activator.CreateInstance(typeof(GroupOf<,>).MakeGenericType(definition.GetGenericArguments()), provider)!).KeyOf;
    }

    /// <summary>What the messages of one batch have in common.</summary>
    internal sealed record Key(string? Tenant, object? Asked);

    private abstract class Group
    {
        public abstract object? KeyOf(ConsumeContext context);
    }

    private sealed class GroupOf<TMessage, TKey>(IGroupKeyProvider<TMessage, TKey> provider) : Group where TMessage : class
    {
        public override object? KeyOf(ConsumeContext context) =>
            provider.TryGetKey((ConsumeContext<TMessage>)context, out var key) ? key : null;
    }
}
