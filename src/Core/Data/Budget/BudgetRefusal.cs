using System.Globalization;

namespace Freehold.Core.Data.Budget;

/// <summary>The sentences that say what was full.</summary>
internal static class BudgetRefusal
{
    public static TenantException TenantQueueFull(TenantShare share, int queue) => Of(share, queue == 0
        ? "and nobody waits for one (ConnectionLimitOptions.QueuePerTenant is 0)"
        : Text($"and {queue} of its callers wait for one already (ConnectionLimitOptions.QueuePerTenant)"));

    public static TenantException ServerQueueFull(TenantShare share, int queue) =>
        Of(share, Text($"and {queue} callers of all tenants wait for one already (ConnectionLimitOptions.QueuePerServer)"));

    public static TenantException TimedOut(TenantShare share, TimeSpan limit) =>
        Of(share, Text($"and none became free in {limit} (ConnectionLimitOptions.WaitLimit)"));

    private static TenantException Of(TenantShare share, string why)
    {
        var server = share.Server;
        if (share.IsFull)
        {
            return new TenantBusyException(
                share.Tenant!.Id.Value,
                Text($"its {share.InUse} connections to server '{server.Name}' are in use (ConnectionLimitOptions.PerTenant), {why}. Try again later."));
        }

        var full = Text($"all {server.InUse} connections to server '{server.Name}' are in use (ConnectionLimitOptions.PerServer), {why}. Try again later.");
        return share.Tenant is { } tenant ? new TenantUnavailableException(tenant.Id.Value, full) : TenantUnavailableException.OfShared(full);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
