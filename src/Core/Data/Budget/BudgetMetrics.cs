using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Data.Budget;

/// <summary>What the budget tells the meter: by server, and by tenant only where that was asked for.</summary>
internal sealed class BudgetMetrics(IOptions<MultiTenancyOptions> options)
{
    public const string QueueFull = "queue_full";
    public const string TimedOut = "timed_out";

    private static readonly UpDownCounter<long> InUse = TenantTelemetry.Meter.CreateUpDownCounter<long>(
        "freehold.connections.in_use", "{connection}", "Connections that work holds.");

    private static readonly UpDownCounter<long> Queued = TenantTelemetry.Meter.CreateUpDownCounter<long>(
        "freehold.connections.waiting", "{caller}", "Callers that wait for a connection.");

    private static readonly Counter<long> Refusals = TenantTelemetry.Meter.CreateCounter<long>(
        "freehold.connections.refused", "{caller}", "Callers that got none: the queue was full, or they waited too long.");

    private readonly bool _namesTenants = options.Value.TenantOnMetrics;

    public void Used(TenantShare share, int change)
    {
        if (InUse.Enabled)
        {
            InUse.Add(change, Tags(share));
        }
    }

    public void Waiting(TenantShare share, int change)
    {
        if (Queued.Enabled)
        {
            Queued.Add(change, Tags(share));
        }
    }

    public void Refused(TenantShare share, string reason)
    {
        if (Refusals.Enabled)
        {
            var tags = Tags(share);
            tags.Add("reason", reason);
            Refusals.Add(1, tags);
        }
    }

    private TagList Tags(TenantShare share)
    {
        var tags = new TagList { { "server", share.Server.Name } };
        if (_namesTenants && share.Tenant is { } tenant)
        {
            tags.Add(TenantTelemetry.TenantId, tenant.Id.Value);
        }

        return tags;
    }
}
