using Freehold.Integrations.MediatR;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>Adds multi-tenancy to MediatR.</summary>
public static class MediatRMultiTenancyExtensions
{
    /// <summary>
    /// Runs every request, stream and notification in its tenant, with a DI scope that is that tenant's alone, and refuses those that
    /// need a tenant and have none. Call it last on the configuration: it stands in front of the mediator type set there, and its check
    /// in front of the behaviors added there.
    /// </summary>
    /// <param name="mediatR">The configuration inside <c>AddMediatR</c>.</param>
    /// <param name="configure">Changes the settings; of several <c>AddMediatR</c> calls, the first one's count.</param>
    /// <exception cref="MultiTenancyConfigurationException">It was called twice on one configuration.</exception>
    public static MediatRServiceConfiguration AddMultiTenancy(
        this MediatRServiceConfiguration mediatR, Action<MediatRMultiTenancyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(mediatR);
        if (mediatR.MediatorImplementationType == typeof(TenantMediator))
        {
            throw new MultiTenancyConfigurationException(
                "AddMultiTenancy was called twice on one MediatR configuration. Call it once, and put all settings into that call.");
        }

        // AddMediatR runs this before it registers anything and hands out no service collection. It adds what stands in this list as it
        // is, whatever service it describes, provided that service and implementation are different types.
        mediatR.BehaviorsToRegister.InsertRange(0,
        [
            ServiceDescriptor.Transient(typeof(IPipelineBehavior<,>), typeof(TenantBehavior<,>)),
            ServiceDescriptor.Singleton<ITenantMediation, TenantMediation>(),
            ServiceDescriptor.Scoped<IScopeTenant, ScopeTenant>(),
            ServiceDescriptor.Singleton<IConfigureOptions<MediatRMultiTenancyOptions>>(
                new ConfigureOptions<MediatRMultiTenancyOptions>(configure)),
            ServiceDescriptor.KeyedTransient(typeof(IMediator), TenantMediator.Inner, mediatR.MediatorImplementationType),
        ]);
        mediatR.StreamBehaviorsToRegister.Insert(
            0, ServiceDescriptor.Transient(typeof(IStreamPipelineBehavior<,>), typeof(TenantStreamBehavior<,>)));
        mediatR.MediatorImplementationType = typeof(TenantMediator);
        return mediatR;
    }
}
