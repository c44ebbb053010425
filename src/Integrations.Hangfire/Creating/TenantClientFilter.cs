using Freehold.Integrations.Hangfire.Hosts;
using Freehold.Integrations.Hangfire.Recurring;
using Freehold.Integrations.Hangfire.Signing;
using Hangfire.Client;
using Hangfire.Common;
using Hangfire.States;

namespace Freehold.Integrations.Hangfire.Creating;

/// <summary>Writes the tenant of whoever creates a job into the job, or refuses to create it.</summary>
internal sealed class TenantClientFilter : IClientFilter, IJobFilter
{
    public bool AllowMultiple => false;

    // The last word: whatever other filters wrote is seen.
    public int Order => int.MaxValue;

    public void OnCreating(CreatingContext context)
    {
        if (TenantHosts.Find(context.Storage) is not { } host)
        {
            return;
        }

        var recurringId = RecurringFire.IdOf(context);
        var tenantId = recurringId is null ? TenantOf(context, host) : RecurringFire.TenantOf(recurringId, context, host);
        if (context.Canceled)
        {
            return;
        }

        RefuseForged(context, tenantId);
        if (tenantId is not null)
        {
            context.SetJobParameter(TenantHeader.Name, tenantId);
            SignedJob.Sign(context, host.Signer, tenantId);
        }
        else if (!context.Job.MayLackTenant())
        {
            throw Missing(context, recurringId);
        }
    }

    public void OnCreated(CreatedContext context)
    {
    }

    private static string? TenantOf(CreatingContext context, TenantHost host) => host.Tenants.Current?.Id.Value
        ?? (context.InitialState is AwaitingState awaiting ? ParentJob.TenantOf(awaiting.ParentId, context, host) : null);

    // Hangfire's client takes parameters from its caller. A tenant is entered, not claimed.
    private static void RefuseForged(CreatingContext context, string? tenantId)
    {
        if (context.Parameters.TryGetValue(TenantHeader.Name, out var claimed) && !Equals(claimed, tenantId))
        {
            throw new TenantMismatchException(
                tenantId ?? "(none)", claimed?.ToString() ?? "(none)", $"Creating {context.Job} with a parameter '{TenantHeader.Name}'");
        }
    }

    private static TenantMissingException Missing(CreatingContext context, string? recurringId) => recurringId is null
        ? new(
            $"{context.Job} was to be created as a job, but no tenant is current. Create it inside TenantScope.Enter, or mark "
            + "its class or method with [AllowNoTenant].")
        : new(
            $"The recurring job '{recurringId}' ({context.Job}) fires for no tenant. Define it with AddOrUpdateForTenant or "
            + "AddOrUpdateForEachTenant, or mark it with [AllowNoTenant].");
}
