using System.Net.Mime;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Sending;

/// <summary>
/// Looks last where no observer does: a transactional outbox keeps the message as it is serialized, and sends it sealed, later. Only
/// contexts with a service provider can go there.
/// </summary>
internal sealed class LateLook(IMessageSerializer serializer, TenantStamp stamp) : IMessageSerializer
{
    private readonly IMessageSerializer _serializer = serializer;

    public ContentType ContentType => _serializer.ContentType;

    public static void Arrange(SendContext context, TenantStamp stamp)
    {
        if (context.Serializer is { } serializer && context.TryGetPayload(out IServiceProvider? _))
        {
            context.Serializer = new LateLook(serializer, stamp);
        }
    }

    public static void Withdraw(SendContext context)
    {
        if (context.Serializer is LateLook look)
        {
            context.Serializer = look._serializer;
        }
    }

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class
    {
        stamp.Complete(context, typeof(T));
        return _serializer.GetMessageBody(context);
    }
}
