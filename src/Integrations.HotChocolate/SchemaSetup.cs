using Freehold.Core.Admission;
using Freehold.Integrations.HotChocolate.Caching;
using Freehold.Integrations.HotChocolate.Requests;
using Freehold.Integrations.HotChocolate.Subscriptions;
using HotChocolate.AspNetCore;
using HotChocolate.Execution;
using HotChocolate.Execution.Configuration;
using HotChocolate.Language;
using HotChocolate.Subscriptions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold.Integrations.HotChocolate;

/// <summary>What goes into a schema's pipeline and services: after all that the application configures, in whatever order it does.</summary>
internal sealed class SchemaSetup(string schemaName)
{
    private const string Key = "Freehold.MultiTenancy";

    public string SchemaName => schemaName;

    public void Apply(RequestExecutorSetup setup)
    {
        setup.OnConfigureSchemaServicesHooks.Add((context, services) => Configure(context.ApplicationServices, services));
        setup.PipelineModifiers.Add(pipeline =>
        {
            var cache = pipeline.ToList().FindIndex(middleware => middleware.Key is WellKnownRequestMiddleware.CostAnalyzerMiddleware or WellKnownRequestMiddleware.OperationCacheMiddleware);
            if (cache < 0)
            {
                throw new MultiTenancyConfigurationException(
                    $"The pipeline of the schema '{schemaName}' has no operation cache, before which multi-tenancy looks at the document. Build it from a default pipeline, or add UseOperationCache.");
            }

            pipeline.Insert(cache, new(Know, Key + ".Document"));
            pipeline.Insert(0, new(Begin, Key));
        });
    }

    private void Configure(IServiceProvider application, IServiceCollection services)
    {
        if (application.GetService<ITenantContext>() is null)
        {
            throw new MultiTenancyConfigurationException(
                $"The schema '{schemaName}' uses multi-tenancy, but the application has none. Call AddMultiTenancy on its services.");
        }

        var options = Options(application);
        services.Insert(0, ServiceDescriptor.Singleton(new TenantRefusal(application.GetRequiredService<ILogger<TenantRefusal>>())));
        services.Insert(0, ServiceDescriptor.Singleton<IErrorFilter>(schema => schema.GetRequiredService<TenantRefusal>()));
        Decorate<ISocketSessionInterceptor>(services, (inner, schema) => new TenantSockets(
            inner,
            application.GetRequiredService<ITenantContext>(),
            application.GetRequiredService<TenantAdmission>(),
            application.GetRequiredService<TenantSigner>(),
            application.GetService<RequestTrust>(),
            options,
            schema.GetRequiredService<TenantRefusal>()));
        Decorate<IDocumentCache>(services, (inner, _) => new SafeDocuments(inner, application.GetRequiredService<ITenantContext>(), options.DocumentsPerTenant));
    }

    private RequestDelegate Begin(RequestMiddlewareFactoryContext factory, RequestDelegate next)
    {
        var application = factory.Services;
        Check(factory);
        var middleware = new TenantRequestMiddleware(
            next,
            application.GetRequiredService<ITenantContext>(),
            application.GetRequiredService<TenantAdmission>(),
            new TenantDemand(factory.Schema, Options(application).RequireTenantByDefault),
            factory.SchemaServices.GetRequiredService<TenantRefusal>());
        return middleware.InvokeAsync;
    }

    private RequestDelegate Know(RequestMiddlewareFactoryContext factory, RequestDelegate next)
    {
        var options = Options(factory.Services);
        return new KnownDocumentMiddleware(
            next,
            new TenantDemand(factory.Schema, options.RequireTenantByDefault),
            factory.SchemaServices.GetRequiredService<TenantRefusal>(),
            options.DocumentsPerTenant).InvokeAsync;
    }

    /// <summary>HotChocolate builds its schemas when the host starts, and stops it if one cannot be built.</summary>
    private void Check(RequestMiddlewareFactoryContext factory)
    {
        var defect =
            factory.SchemaServices.GetService<IDocumentCache>() is var documents and not SafeDocuments
                ? $"The schema '{schemaName}' has the document cache {documents?.GetType().ToString() ?? "of nobody"} in the place of multi-tenancy's. Register it before AddMultiTenancy looks: with ConfigureSchemaServices."
            : factory.SchemaServices.GetService<ISocketSessionInterceptor>() is { } sockets and not TenantSockets
                ? $"The schema '{schemaName}' has the socket interceptor {sockets.GetType()} in the place of multi-tenancy's. Register it with AddSocketSessionInterceptor, which multi-tenancy goes around."
            : factory.Schema.SubscriptionType is not null && !Options(factory.Services).ShareTopics
                && (factory.Services.GetService<ITopicEventReceiver>() is { } and not TenantTopicReceiver
                    || factory.Services.GetService<ITopicEventSender>() is { } and not TenantTopicSender)
                ? $"The schema '{schemaName}' has subscriptions whose topics all tenants share. Call AddTenantTopics() after the provider (AddInMemorySubscriptions, "
                    + "AddRedisSubscriptions, …), or, where no topic needs it, AddMultiTenancy(options => options.ShareTopics = true)."
            : null;
        if (defect is not null)
        {
            throw new MultiTenancyConfigurationException(defect);
        }
    }

    private HotChocolateMultiTenancyOptions Options(IServiceProvider application) =>
        application.GetRequiredService<IOptionsMonitor<HotChocolateMultiTenancyOptions>>().Get(schemaName);

    private static void Decorate<TService>(IServiceCollection services, Func<TService, IServiceProvider, TService> around) where TService : class
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(TService) && !service.IsKeyedService) is { } inner)
        {
            services.Remove(inner);
            services.AddSingleton(provider => around(inner.Build<TService>(provider), provider));
        }
    }
}
