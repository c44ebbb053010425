using MassTransit;

namespace Freehold.Integrations.MassTransit.Sending;

/// <summary>The tenant that a message carries: the one that is current where it is sent.</summary>
internal sealed class TenantStamp(ITenantContext tenants, MessageRequirements requirements)
{
    /// <summary>Writes the tenant, or takes off what MassTransit copied from the message being consumed.</summary>
    /// <exception cref="TenantMissingException">The message needs a tenant and there is none.</exception>
    public void Apply(SendContext context)
    {
        var type = MessageType.Of(context);
        var requirement = type is null ? MessageRequirement.Tenant : requirements.Of(type);

        // The header of a sealed message is set after all filters; until then there is only what MassTransit copied.
        var tenant = requirement is MessageRequirement.Nobody or MessageRequirement.Sealed ? null : tenants.Current?.Id.Value;
        if (tenant is null && requirement == MessageRequirement.Tenant)
        {
            throw Missing(type);
        }

        context.Headers.Set(TenantHeader.Name, tenant);
    }

    /// <summary>Does the message, as it leaves, carry what <see cref="Apply"/> wrote?</summary>
    /// <exception cref="TenantMismatchException">The caller wrote another header.</exception>
    public void Verify(SendContext context, Type type)
    {
        var requirement = requirements.Of(type);
        if (requirement == MessageRequirement.Sealed)
        {
            return;
        }

        var stamped = requirement == MessageRequirement.Nobody ? null : tenants.Current?.Id.Value;
        if (requirement is MessageRequirement.Fault or MessageRequirement.Nobody)
        {
            // MassTransit itself copies the faulted message's header, after all filters.
            context.Headers.Set(TenantHeader.Name, stamped);
            return;
        }

        var carried = context.Headers.TryGetHeader(TenantHeader.Name, out var value) ? value : null;
        if (!Equals(carried, stamped))
        {
            throw new TenantMismatchException(
                $"{carried}",
                stamped ?? "none",
                $"The header {TenantHeader.Name} of a message {type.FullName} was written by hand");
        }
    }

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
