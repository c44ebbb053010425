using System.Collections.Concurrent;
using MassTransit;
using MassTransit.Courier.Contracts;
using MassTransit.Serialization;

namespace Freehold.Integrations.MassTransit;

/// <summary>What the type of a message says about its tenant.</summary>
internal enum MessageRequirement
{
    /// <summary>It travels for a tenant or not at all.</summary>
    Tenant,

    /// <summary>It may travel without one.</summary>
    None,

    /// <summary>MassTransit's report of a failed delivery: of the tenant it ran for, or of none where it was refused.</summary>
    Fault,

    /// <summary>MassTransit's report of what it could not even read, sent from outside any delivery: it names nobody.</summary>
    Nobody,

    /// <summary>A message that was stamped before, sent on as it is.</summary>
    Sealed,
}

/// <summary>Which messages need a tenant.</summary>
internal sealed class MessageRequirements(MassTransitMultiTenancyOptions options)
{
    private readonly ConcurrentDictionary<Type, MessageRequirement> _known = new();

    public MessageRequirement Of(Type message) => _known.GetOrAdd(message, Decide);

    public bool AllowsShared(Type saga) => options.Shares(saga);

    private MessageRequirement Decide(Type message) =>
        message == typeof(SerializedMessageBody) ? MessageRequirement.Sealed
        : message == typeof(ReceiveFault) ? MessageRequirement.Nobody
        : typeof(Fault).IsAssignableFrom(message) ? MessageRequirement.Fault
        : TenantRequirement.Of(message) is { } needed ? needed ? MessageRequirement.Tenant : MessageRequirement.None
        : options.Allows(message) ? MessageRequirement.None
        : IsReportOfCourier(message) ? Of(typeof(RoutingSlip))
        : IsHostsOwn(message) ? message.IsGenericType ? Of(message.GetGenericArguments()[0]) : MessageRequirement.None
        : MessageRequirement.Tenant;

    // Job service and schedulers also work on timers of their own; what carries a job needs what the job needs.
    private static bool IsHostsOwn(Type message) =>
        message.Assembly == typeof(Fault).Assembly && message.Namespace is ("MassTransit.Contracts.JobService" or "MassTransit.Scheduling");

    // Routing slips are the application's work. What they report of themselves needs what they need.
    private static bool IsReportOfCourier(Type message) =>
        message.Assembly == typeof(RoutingSlip).Assembly && message.Namespace == typeof(RoutingSlip).Namespace && message != typeof(RoutingSlip);
}
