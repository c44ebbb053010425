using Freehold.Integrations.MassTransit.Consuming;
using MassTransit;

namespace Freehold.Integrations.MassTransit.Sending;

/// <summary>The tenant that a message carries: the one that is current where it is sent, signed for this message.</summary>
/// <param name="tenants">Who is current.</param>
/// <param name="requirements">Which messages need a tenant.</param>
/// <param name="signer">Null where messages do not leave the process.</param>
internal sealed class TenantStamp(ITenantContext tenants, MessageRequirements requirements, TenantSigner? signer)
{
    /// <summary>Writes the tenant, or takes off what MassTransit copied from the message being consumed.</summary>
    /// <exception cref="TenantMissingException">The message needs a tenant and there is none.</exception>
    public void Apply(SendContext context)
    {
        var type = MessageType.Of(context);
        var requirement = type is null ? MessageRequirement.Tenant : requirements.Of(type);

        // The headers of a sealed message are set after all filters; until then there is only what MassTransit copied.
        var tenant = Stamped(context, requirement);
        if (tenant is null && requirement == MessageRequirement.Tenant)
        {
            throw Missing(type);
        }

        context.Headers.Set(TenantHeader.Name, tenant);
        context.Headers.Set(TenantHeader.Signature, (string?)null);
        if (requirement != MessageRequirement.Sealed)
        {
            LateLook.Arrange(context, this);
        }
    }

    /// <summary>Signs the message as it leaves, if it still carries what <see cref="Apply"/> wrote.</summary>
    /// <exception cref="TenantMismatchException">The caller wrote another header.</exception>
    public void Complete(SendContext context, Type type)
    {
        var requirement = requirements.Of(type);
        if (requirement == MessageRequirement.Sealed)
        {
            return;
        }

        var stamped = Stamped(context, requirement);
        if (requirement is MessageRequirement.Fault or MessageRequirement.Nobody)
        {
            // MassTransit itself copies the faulted message's header, after all filters.
            context.Headers.Set(TenantHeader.Name, stamped);
        }
        else
        {
            var carried = context.Headers.TryGetHeader(TenantHeader.Name, out var value) ? value : null;
            if (!Equals(carried, stamped))
            {
                throw new TenantMismatchException(
                    $"{carried}",
                    stamped ?? "none",
                    $"The header {TenantHeader.Name} of a message {type.FullName} was written by hand");
            }
        }

        // Also where there is none: what is forwarded brings its old one along, after all filters.
        context.Headers.Set(TenantHeader.Signature, stamped is null ? null : Sign(context, stamped));
    }

    private string? Sign(SendContext context, string tenant)
    {
        if (signer is not { IsOn: true })
        {
            return null;
        }

        context.MessageId ??= NewId.NextGuid();
        return signer.Sign(TenantCarrier.Message, tenant, TenantDelivery.Bound(context.MessageId));
    }

    private string? Stamped(SendContext context, MessageRequirement requirement) => requirement switch
    {
        MessageRequirement.Sealed or MessageRequirement.Nobody => null,
        MessageRequirement.Fault => tenants.Current?.Id.Value,
        _ => tenants.Current?.Id.Value ?? Relayed(context),
    };

    // What MassTransit itself sends again later, because nobody could say yet whether the tenant may come in.
    private static string? Relayed(SendContext context) =>
        context.TryGetPayload(out ConsumeContext? delivery)
        && delivery!.TryGetPayload(out PendingAdmission? pending)
        && pending!.IsUndecided
            ? TenantDelivery.Named(delivery)
            : null;

    private static TenantMissingException Missing(Type? type) => new(
        $"A message {type?.FullName} needs a tenant, and none is current where it is sent. Send it inside a tenant's scope "
        + "(TenantScope.Enter), or mark the message with [AllowNoTenant].");
}

internal sealed class StampFilter<TContext>(TenantStamp stamp) : IFilter<TContext> where TContext : class, SendContext
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("multiTenancy");

    public Task Send(TContext context, IPipe<TContext> next)
    {
        stamp.Apply(context);
        return next.Send(context);
    }
}
