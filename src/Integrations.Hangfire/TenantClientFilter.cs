using Hangfire.Client;
using Hangfire.Common;
using Hangfire.States;

namespace Freehold.Integrations.Hangfire;

/// <summary>Writes the tenant of whoever creates a job into the job, or refuses to create it.</summary>
internal sealed class TenantClientFilter : IClientFilter, IJobFilter
{
    private const string RecurringJobId = "RecurringJobId";

    public bool AllowMultiple => false;

    // The last word: whatever other filters wrote is seen.
    public int Order => int.MaxValue;

    public void OnCreating(CreatingContext context)
    {
        if (TenantHosts.Find(context.Storage) is not { } host)
        {
            return;
        }

        var tenant = TenantOf(context, host);
        RefuseForged(context, tenant);
        if (tenant is not null)
        {
            context.SetJobParameter(TenantHeader.Name, tenant);
        }
        else if (!context.Job.MayLackTenant())
        {
            throw Missing(context);
        }
    }

    public void OnCreated(CreatedContext context)
    {
    }

    private static string? TenantOf(CreatingContext context, TenantHost host)
    {
        // A recurring job fires in nobody's scope; in which scope somebody triggers it by hand must not decide whose data it works on.
        if (context.Parameters.ContainsKey(RecurringJobId))
        {
            return null;
        }

        return host.Tenants.Current?.Id.Value
            ?? (context.InitialState is AwaitingState awaiting ? TenantOfParent(context, awaiting) : null);
    }

    private static string? TenantOfParent(CreatingContext context, AwaitingState awaiting) =>
        SerializationHelper.Deserialize<string>(
            context.Connection.GetJobParameter(awaiting.ParentId, TenantHeader.Name), SerializationOption.User);

    // Hangfire's client takes parameters from its caller. A tenant is entered, not claimed.
    private static void RefuseForged(CreatingContext context, string? tenant)
    {
        if (context.Parameters.TryGetValue(TenantHeader.Name, out var claimed) && !Equals(claimed, tenant))
        {
            throw new TenantMismatchException(
                tenant ?? "(none)", claimed?.ToString() ?? "(none)", $"Creating {context.Job} with a parameter '{TenantHeader.Name}'");
        }
    }

    private static TenantMissingException Missing(CreatingContext context) =>
        context.Parameters.TryGetValue(RecurringJobId, out var id)
            ? new(
                $"The recurring job '{id}' ({context.Job}) fires for no tenant. Mark it with [AllowNoTenant] and let it create a job "
                + "inside each tenant's scope.")
            : new(
                $"{context.Job} was to be created as a job, but no tenant is current. Create it inside TenantScope.Enter, or mark "
                + "its class or method with [AllowNoTenant].");
}
