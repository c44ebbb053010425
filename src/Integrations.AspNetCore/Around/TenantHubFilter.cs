using Microsoft.AspNetCore.SignalR;

namespace Freehold.Integrations.AspNetCore;

/// <summary>A hub's connection outlives the request that opened it: its tenant is admitted again for every call.</summary>
internal sealed class TenantHubFilter(ITenantContext tenants, TenantAdmission admission) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (tenants.Current is not { } connected)
        {
            return await next(invocationContext).ConfigureAwait(false);
        }

        try
        {
            var tenant = await admission.AdmitAsync(connected.Id, invocationContext.Context.ConnectionAborted).ConfigureAwait(false);
            using (TenantScope.Enter(tenant))
            {
                return await next(invocationContext).ConfigureAwait(false);
            }
        }
        catch (TenantException refusal)
        {
            throw new HubException(refusal.Code);
        }
    }
}
