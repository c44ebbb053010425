using Freehold.Core.Running;

namespace Freehold;

/// <summary>Work for tenants where no host's boundary brings one: hosted services, readers of channels, timers, consoles.</summary>
public static class TenantWorkExtensions
{
    /// <summary>
    /// Does the work for one tenant: admits it, enters it, and runs <paramref name="work"/> in a DI scope of its own, whose contexts are the tenant's.
    /// The scope is disposed inside the tenant. Whatever tenant is ambient at the caller is out of reach inside, and ambient again after it.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="tenantId">Whose work it is, as it was carried here: an item of a channel keeps the id and not the ambient tenant.</param>
    /// <param name="work">The work, given the scope's services and <paramref name="cancellationToken"/>.</param>
    /// <param name="cancellationToken">Given up before the work begins, and handed to it.</param>
    /// <exception cref="TenantMissingException">The id is null or empty.</exception>
    /// <exception cref="TenantUnknownException">No tenant has it.</exception>
    /// <exception cref="TenantSuspendedException">The tenant is suspended.</exception>
    /// <exception cref="TenantUnavailableException">The store failed, or the tenant is being provisioned. Trying again is right.</exception>
    public static Task ForTenantAsync(
        this IServiceProvider services, string? tenantId, Func<IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(work);
        return TenantWork.RunAsync(services, tenantId, work, cancellationToken);
    }

    /// <summary>
    /// Does the work for each active tenant of the list as it is now, a few at a time. Each is admitted again when its turn comes and then served as by
    /// <see cref="ForTenantAsync"/>; the failure of one is logged, is in the result, and stops no other.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="work">The work, run once per tenant, for several at the same time.</param>
    /// <param name="configure">How many at a time.</param>
    /// <param name="cancellationToken">Stops it all: those under way are told and awaited, the others do not begin.</param>
    /// <returns>How it went. It throws nothing of the work's own: see <see cref="TenantRun.ThrowIfFailed"/>.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="MultiTenancyConfigurationException">The options cannot be followed.</exception>
    /// <remarks>Where the store fails while it lists the tenants, those it had listed are served, and then its exception is thrown.</remarks>
    public static Task<TenantRun> ForEachTenantAsync(
        this IServiceProvider services,
        Func<IServiceProvider, CancellationToken, Task> work,
        Action<ForEachTenantOptions>? configure = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(work);
        var options = new ForEachTenantOptions();
        configure?.Invoke(options);
        return TenantWork.RunEachAsync(services, work, options, cancellationToken);
    }
}
