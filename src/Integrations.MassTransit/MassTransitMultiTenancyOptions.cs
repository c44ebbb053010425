using System.Collections.Concurrent;

namespace Freehold;

/// <summary>
/// Which messages of a bus may travel without a tenant. By default all need one, except those marked with <see cref="AllowNoTenantAttribute"/>.
/// </summary>
public sealed class MassTransitMultiTenancyOptions
{
    private readonly ConcurrentDictionary<Type, byte> _allowed = new();

    /// <summary>Lets messages of this type, and of types derived from it, travel without a tenant: for types that cannot be marked.</summary>
    /// <typeparam name="TMessage">A message class or interface.</typeparam>
    /// <returns>These options.</returns>
    public MassTransitMultiTenancyOptions AllowNoTenant<TMessage>() where TMessage : class
    {
        _allowed[typeof(TMessage)] = 0;
        return this;
    }

    internal bool Allows(Type message) => _allowed.Keys.Any(allowed => allowed.IsAssignableFrom(message));
}
