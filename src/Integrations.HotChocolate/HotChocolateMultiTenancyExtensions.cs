using Freehold.Integrations.HotChocolate;
using Freehold.Integrations.HotChocolate.Requests;
using Freehold.Integrations.HotChocolate.Resolvers;
using Freehold.Integrations.HotChocolate.Subscriptions;
using HotChocolate.Execution.Configuration;
using HotChocolate.Internal;
using HotChocolate.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Freehold;

/// <summary>Multi-tenancy for HotChocolate: each request, socket and event of a schema runs for one tenant, or not at all.</summary>
public static class HotChocolateMultiTenancyExtensions
{
    /// <summary>
    /// Runs the schema's operations for the tenant that is current where they come in: that of the HTTP request, of the socket (whose
    /// <c>connection_init</c> can name it as <c>tenant-id</c>), or of whoever executes in process. Parameters with <see cref="TenantDbAttribute"/> get that
    /// tenant's context; tenant errors become errors with their code. The order among the builder's other calls does not matter.
    /// </summary>
    /// <param name="builder">The schema.</param>
    /// <param name="configure">What needs a tenant, and what is each tenant's own.</param>
    /// <exception cref="MultiTenancyConfigurationException">
    /// It was added to this schema before. When the application starts: <c>AddMultiTenancy</c> was not called on its services, another socket interceptor
    /// took the place of this one's, or there are subscriptions without <see cref="AddTenantTopics"/>.
    /// </exception>
    public static IRequestExecutorBuilder AddMultiTenancy(this IRequestExecutorBuilder builder, Action<HotChocolateMultiTenancyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(service => service.ImplementationInstance is SchemaSetup other && other.SchemaName == builder.Name))
        {
            throw new MultiTenancyConfigurationException($"AddMultiTenancy was called twice on the schema '{builder.Name}'. Call it once.");
        }

        var setup = new SchemaSetup(builder.Name);
        services.AddSingleton(setup);
        services.Configure(builder.Name, configure ?? (_ => { }));
        services.PostConfigure<RequestExecutorSetup>(builder.Name, setup.Apply);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IParameterExpressionBuilder, TenantDbBinding>());
        services.TryAdd(ServiceDescriptor.Singleton(typeof(IDbContextFactory<>), typeof(TenantContexts<>)));
        return builder.TryAddTypeInterceptor<NodesInTurn>().TryAddTypeInterceptor<TenantMarks>().TryAddTypeInterceptor<TenantSubscriptions>();
    }

    /// <summary>
    /// Makes the topics of subscriptions each tenant's own, for every provider: what is sent inside a tenant is received by that tenant's subscribers only.
    /// Call it after the provider's <c>Add…Subscriptions</c>. In the provider a topic is called <c>tenant:{id}:{topic}</c>.
    /// </summary>
    /// <param name="builder">The schema, or one of several: topics are the application's.</param>
    /// <param name="allowNoTenant">Whether what runs without a tenant has topics too, which no tenant sees. By default it is refused with <c>TENANT_MISSING</c>.</param>
    /// <exception cref="MultiTenancyConfigurationException">There is no provider yet, or it was called before.</exception>
    public static IRequestExecutorBuilder AddTenantTopics(this IRequestExecutorBuilder builder, bool allowNoTenant = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(TenantTopics)))
        {
            throw new MultiTenancyConfigurationException("AddTenantTopics was called twice. Call it once: topics are the application's, not the schema's.");
        }

        services.AddSingleton(provider => new TenantTopics(provider.GetRequiredService<ITenantContext>(), allowNoTenant));
        var (sender, receiver) = (Take<ITopicEventSender>(services), Take<ITopicEventReceiver>(services));
        services.AddSingleton<ITopicEventSender>(provider => new TenantTopicSender(sender.Build<ITopicEventSender>(provider), provider.GetRequiredService<TenantTopics>()));
        services.AddSingleton<ITopicEventReceiver>(provider => new TenantTopicReceiver(receiver.Build<ITopicEventReceiver>(provider), provider.GetRequiredService<TenantTopics>()));
        return builder;
    }

    private static ServiceDescriptor Take<TService>(IServiceCollection services)
    {
        var registered = services.LastOrDefault(service => service.ServiceType == typeof(TService) && !service.IsKeyedService)
            ?? throw new MultiTenancyConfigurationException(
                $"AddTenantTopics found no {typeof(TService).Name}. Call it after the provider of subscriptions (AddInMemorySubscriptions, AddRedisSubscriptions, …).");
        services.RemoveAll<TService>();
        return registered;
    }
}
