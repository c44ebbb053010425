using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.HotChocolate;

internal static class Registration
{
    /// <summary>Makes what somebody registered, for somebody who took its place.</summary>
    public static TService Build<TService>(this ServiceDescriptor registered, IServiceProvider services) where TService : class => (TService)(
        registered.ImplementationInstance
        ?? registered.ImplementationFactory?.Invoke(services)
        ?? ActivatorUtilities.CreateInstance(services, registered.ImplementationType!));
}
