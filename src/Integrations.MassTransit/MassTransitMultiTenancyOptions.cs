using System.Collections.Concurrent;
using MassTransit;

namespace Freehold;

/// <summary>
/// What of a bus is not one tenant's. By default all messages need a tenant, except those marked with <see cref="AllowNoTenantAttribute"/>, and
/// all sagas that they drive keep it.
/// </summary>
public sealed class MassTransitMultiTenancyOptions
{
    private readonly ConcurrentDictionary<Type, byte> _allowed = new();
    private readonly ConcurrentDictionary<Type, byte> _shared = new();

    /// <summary>Lets messages of this type, and of types derived from it, travel without a tenant: for types that cannot be marked.</summary>
    /// <typeparam name="TMessage">A message class or interface.</typeparam>
    /// <returns>These options.</returns>
    public MassTransitMultiTenancyOptions AllowNoTenant<TMessage>() where TMessage : class
    {
        _allowed[typeof(TMessage)] = 0;
        return this;
    }

    /// <summary>
    /// Lets any tenant's message drive any instance of this saga: because its repository is each tenant's own (a tenant-bound DbContext), or
    /// because it is meant to span tenants.
    /// </summary>
    /// <typeparam name="TSaga">A saga that is no <see cref="ITenantSaga"/>.</typeparam>
    /// <returns>These options.</returns>
    public MassTransitMultiTenancyOptions AllowSharedSaga<TSaga>() where TSaga : class, ISaga
    {
        _shared[typeof(TSaga)] = 0;
        return this;
    }

    internal bool Shares(Type saga) => _shared.ContainsKey(saga);

    internal bool Allows(Type message) => _allowed.Keys.Any(allowed => allowed.IsAssignableFrom(message));
}
