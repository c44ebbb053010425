using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Running;

/// <summary>
/// Keeps tenants out of service while they are migrated, by the state in their records. Under their place's lock: who is <see cref="TenantState.Migrating"/> there
/// was left so by a run that died.
/// </summary>
internal sealed class OutOfService(IServiceProvider services, TenantSites sites, ILogger<OutOfService> logger)
{
    /// <summary>Whether a run left the tenant out of service: it died, or failed.</summary>
    public static bool IsLeft(Tenant tenant) => tenant.State == TenantState.Migrating || (tenant.State == TenantState.Failed && FailureText.IsOfMigrating(tenant));

    /// <exception cref="MultiTenancyConfigurationException">Tenants' records cannot be written.</exception>
    public void Check()
    {
        try
        {
            services.GetRequiredService<ITenantRegistry>();
        }
        catch (InvalidOperationException failure)
        {
            throw new MultiTenancyConfigurationException(
                $"TenantRunOptions.{nameof(TenantRunOptions.TakeOutOfService)} writes tenants' states into their records. {failure.Message} Or leave the option out.");
        }
    }

    /// <summary>
    /// Does the work while those who are active are out of service, if that is wanted. Who was left so is brought back in any case, where the work succeeds; where it
    /// fails, they are <see cref="TenantState.Failed"/>; where it is stopped, they stay as they are.
    /// </summary>
    /// <param name="tenants">Whose place it is.</param>
    /// <param name="isWanted">Whether they are taken out of service.</param>
    /// <param name="work">The work.</param>
    /// <param name="stop">What stops the work.</param>
    public async Task DuringAsync(IReadOnlyList<Tenant> tenants, bool isWanted, Func<Task> work, CancellationToken stop)
    {
        var outside = new List<TenantId>();
        try
        {
            await TakeAsync(outside, isWanted ? tenants : [.. tenants.Where(IsLeft)], isWanted).ConfigureAwait(false);
            await work().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            await FailAsync(outside, failure).ConfigureAwait(false);
            throw;
        }

        foreach (var id in outside)
        {
            await EndAsync(id, tenant => tenant with { State = TenantState.Active, Failure = null }).ConfigureAwait(false);
        }
    }

    private async Task TakeAsync(List<TenantId> outside, IReadOnlyList<Tenant> tenants, bool isWanted)
    {
        foreach (var tenant in tenants)
        {
            var recorded = await sites.RecordAsync(
                tenant.Id, found => isWanted && found.State == TenantState.Active ? found with { State = TenantState.Migrating } : found, CancellationToken.None).ConfigureAwait(false);
            if (IsLeft(recorded))
            {
                outside.Add(tenant.Id);
            }
        }
    }

    private async Task FailAsync(List<TenantId> outside, Exception why)
    {
        foreach (var id in outside)
        {
            try
            {
                await EndAsync(id, tenant => tenant with { State = TenantState.Failed, Failure = FailureText.OfMigrating(why) }).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // What made the migration fail is what the tenant's outcome says.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                logger.StaysOut(id, failure);
            }
        }
    }

    // An operator may have changed the record meanwhile, and suspended the tenant: so it stays then.
    private async Task EndAsync(TenantId id, Func<Tenant, Tenant> change)
    {
        try
        {
            await sites.RecordAsync(id, recorded => IsLeft(recorded) ? change(recorded) : recorded, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not TenantOperationException)
        {
            throw new TenantOperationException(
                id, $"Tenant '{id}' stays out of service, for its record could not be written ({failure.Message}). Repeat the call: the next run brings it back.", isRetryable: true, failure);
        }
    }
}
