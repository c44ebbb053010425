using System.Diagnostics;
using Microsoft.AspNetCore.SignalR;

namespace Freehold.Integrations.AspNetCore;

/// <summary>
/// A hub's connection keeps the tenant it was opened for, and outlives the request that opened it: the tenant is admitted again for every
/// call. The connection is in its tenant's group from the start.
/// </summary>
internal sealed class TenantHubFilter(ITenantContext tenants, TenantAdmission admission) : IHubFilter
{
    // Not a name that an application would make up for a group of its own.
    public static string GroupOf(Tenant tenant) => "freehold:tenant:" + tenant.Id.Value;

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        if (tenants.Current is { } tenant)
        {
            Activity.Current?.SetTag(TenantTelemetry.TenantId, tenant.Id.Value);
            await context.Hub.Groups.AddToGroupAsync(context.Context.ConnectionId, GroupOf(tenant), context.Context.ConnectionAborted).ConfigureAwait(false);
        }

        await next(context).ConfigureAwait(false);
    }

    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            if (tenants.Current is not { } connected)
            {
                return TenantRequirement.Of(invocationContext.HubMethod) is true
                    ? throw new TenantMissingException($"The hub method '{invocationContext.HubMethodName}' needs a tenant, and its connection has none.")
                    : await next(invocationContext).ConfigureAwait(false);
            }

            var tenant = await AdmitAgainAsync(connected, invocationContext.Context).ConfigureAwait(false);
            using (TenantScope.Enter(tenant))
            {
                Activity.Current?.SetTag(TenantTelemetry.TenantId, tenant.Id.Value);
                return await next(invocationContext).ConfigureAwait(false);
            }
        }
        catch (TenantException refusal)
        {
            // The message is for the client; the log of SignalR has the reason too.
            throw new HubException(refusal.Code, refusal);
        }
    }

    // A clean-up runs for a suspended tenant too.
    public Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        Activity.Current?.SetTag(TenantTelemetry.TenantId, tenants.Current?.Id.Value);
        return next(context, exception);
    }

    // The hub is built before any filter runs, for the record that the connection was opened with: where that one's data is, is built in.
    private async ValueTask<Tenant> AdmitAgainAsync(Tenant connected, HubCallerContext connection)
    {
        var tenant = await admission.AdmitAsync(connected.Id, connection.ConnectionAborted).ConfigureAwait(false);
        if (tenant.Placement == connected.Placement)
        {
            return tenant;
        }

        connection.Abort();
        throw new TenantUnavailableException(tenant.Id.Value, "its data was moved since the hub's connection was opened. Connect again.");
    }
}
