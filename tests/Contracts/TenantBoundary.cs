namespace Freehold.Contracts;

/// <summary>
/// A running host with one boundary in it, and all that an adapter must implement to inherit <see cref="TenantPropagationContract"/>:
/// <list type="number">
/// <item>a host built on the services that the contract configures (<see cref="TenantPropagationContract.StartHostAsync"/>): do not call
/// <c>AddMultiTenancy</c> on them again, add the host and the adapter;</item>
/// <item>a class on the far side (handler, consumer, job, endpoint) that takes <see cref="FarSide"/> in its constructor (an endpoint: as a
/// parameter) and does nothing but <c>await farSide.VisitAsync(visit)</c>. The visit's id is all that travels besides the tenant;</item>
/// <item>a second such class, or message, that is marked with <see cref="AllowNoTenantAttribute"/>;</item>
/// <item><see cref="CrossAsync"/>.</item>
/// </list>
/// Configure retries in the host if it has any, at least two without delay: that a refusal is not retried is otherwise no finding.
/// </summary>
public abstract class TenantBoundary : IAsyncDisposable
{
    /// <summary>The host's services.</summary>
    public abstract IServiceProvider Services { get; }

    /// <summary>
    /// Crosses from near to far for that tenant and completes when the host is done with it: the far side has run to its end, has failed,
    /// or was refused. Give the tenant the way the boundary takes it: enter it (<c>TenantScope.Enter(new Tenant(tenantId))</c>, which asks
    /// nobody whether it exists) or write it into the header, the route, the request. Null means: give none. It is called with either no
    /// tenant ambient or this one, from tests and from the far side of another crossing.
    /// </summary>
    /// <param name="tenantId">An active, suspended or unknown tenant's id (always well-formed), or null.</param>
    /// <param name="visit">The id to hand to <see cref="FarSide.VisitAsync"/>. Where the host reports no end of its own, await <see cref="Visit.Finished"/>.</param>
    /// <param name="mayLackTenant">True to arrive at the class marked with <see cref="AllowNoTenantAttribute"/>.</param>
    /// <returns>How it went. A failure of the far side's own (<see cref="FarSideException"/>) may be thrown or kept.</returns>
    public abstract Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant);

    /// <summary>The same, from the far side of another crossing, where another tenant's or no tenant's scope is.</summary>
    public virtual Task<Crossing> CrossFromAsync(IFarSide here, string? tenantId, Guid visit, bool mayLackTenant) =>
        CrossAsync(tenantId, visit, mayLackTenant);

    /// <summary>Stops the host.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>How a crossing went.</summary>
/// <param name="RefusedWith">The code (<see cref="TenantErrorCodes"/>) as this boundary shows it, or null where it was not refused.</param>
/// <param name="Attempts">How often the host tried. 0: refused on the near side. A host that can retry must count for real.</param>
public sealed record Crossing(string? RefusedWith = null, int Attempts = 1);
