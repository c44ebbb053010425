using Freehold.Integrations.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>Multi-tenancy of ASP.NET Core: finds the tenant of every request, enters it, guards endpoints, and stamps outgoing requests.</summary>
public static class AspNetCoreMultiTenancyExtensions
{
    /// <summary>
    /// Sets where requests name their tenant: by default the header <c>tenant-id</c>. Put <see cref="UseMultiTenancy"/> into the pipeline too.
    /// </summary>
    /// <exception cref="MultiTenancyConfigurationException">It was added before.</exception>
    public static MultiTenancyBuilder AddAspNetCore(this MultiTenancyBuilder tenancy, Action<AspNetCoreMultiTenancyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(tenancy);
        var services = tenancy.Services;
        if (services.Any(service => service.ServiceType == typeof(PipelineOrder)))
        {
            throw new MultiTenancyConfigurationException(
                "AddAspNetCore was called twice. Call it once, with all sources in the order to ask them.");
        }

        services.Configure(configure ?? (_ => { }));
        services.AddSingleton<PipelineOrder>();
        services.AddSingleton<IStartupFilter>(provider => provider.GetRequiredService<PipelineOrder>());
        services.AddSingleton<TenantFinder>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<AspNetCoreMultiTenancyOptions>>().Value.Trust());
        services.AddSingleton<SignedHeader>();
        services.AddSingleton<TenantRules>();
        services.AddSingleton<VaryHeader>();
        services.AddSingleton<TenantHubFilter>();
        services.AddExceptionHandler<TenantProblem>();
        services.Configure<HubOptions>(hubs => hubs.AddFilter<TenantHubFilter>());
        services.AddOptions<MvcOptions>().Configure<VaryHeader>((mvc, vary) => mvc.Filters.Add(vary));
        services.AddOptions<OutputCacheOptions>()
            .Configure<ITenantContext>((cache, tenants) => cache.AddBasePolicy(new TenantOutputCachePolicy(tenants)));
        return tenancy;
    }

    /// <summary>
    /// Finds and enters the tenant of every request from here on. Put it after UseRouting, UseCors and UseAuthentication where these are
    /// written out (a WebApplication that does not write them out has them first), with FromPathBase before UseRouting, and in every case
    /// before UseOutputCache.
    /// </summary>
    /// <exception cref="MultiTenancyConfigurationException">
    /// AddAspNetCore is missing, or the settings are wrong; when the application starts: a source has nothing to read in this place.
    /// </exception>
    public static IApplicationBuilder UseMultiTenancy(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var order = app.ApplicationServices.GetService<PipelineOrder>() ?? throw new MultiTenancyConfigurationException(
            "app.UseMultiTenancy() needs services.AddMultiTenancy(tenancy => tenancy.AddAspNetCore()). "
            + "Add AddAspNetCore to the one AddMultiTenancy call.");
        order.Place(app);
        return app;
    }

    /// <summary>What is mapped here runs for a tenant or is refused with <c>TENANT_MISSING</c>. The closest to the endpoint counts.</summary>
    public static TBuilder RequireTenant<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new RequireTenantAttribute());

    /// <summary>What is mapped here may run without a tenant. One that is named all the same is admitted and entered, or refused.</summary>
    public static TBuilder AllowNoTenant<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new AllowNoTenantAttribute());

    /// <summary>
    /// The connections of a hub that were opened for this tenant, on all servers. <c>Clients.All</c> reaches those of every tenant, and
    /// <c>Clients.Group</c> and <c>Clients.User</c> those of every tenant that uses the same name: put the tenant
    /// into such names, and let no client choose the whole name of a group that it joins.
    /// </summary>
    /// <param name="clients">The clients of a hub, inside it or of an <c>IHubContext</c>.</param>
    /// <param name="tenant">The tenant, such as <see cref="ITenantContext.Required"/>.</param>
    public static TClient Tenant<TClient>(this IHubClients<TClient> clients, Tenant tenant)
    {
        ArgumentNullException.ThrowIfNull(clients);
        ArgumentNullException.ThrowIfNull(tenant);
        return clients.Group(TenantHubFilter.GroupOf(tenant));
    }

    /// <summary>
    /// Adds a health check for each PostgreSQL server of tenants, <c>tenant-server:eu</c> for server <c>eu</c>, tagged <c>tenant-server</c>. It connects
    /// by itself, so it says whether the server answers, and not whether its pool is busy; how many connections work holds is in its data, where
    /// <c>LimitConnections</c> counts them. One server that is down makes the whole report unhealthy although tenants of the others work: choose
    /// by the tag what a probe of liveness asks.
    /// </summary>
    public static IHealthChecksBuilder AddMultiTenancy(this IHealthChecksBuilder checks)
    {
        ArgumentNullException.ThrowIfNull(checks);
        checks.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<HealthCheckServiceOptions>, ServerChecks>());
        return checks;
    }

    /// <summary>
    /// Stamps the header <c>tenant-id</c> on what this client sends, from the tenant that is current when it is sent, and signs it where
    /// tenants are signed. For services that may know it: redirects are not followed by such a client, because they would carry the header
    /// to any host.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="required">
    /// True to throw <see cref="TenantMissingException"/> where no tenant is current; false (the default) to send without.
    /// </param>
    /// <param name="hosts">
    /// The hosts that may know the tenant, such as <c>billing.internal</c> or <c>*.svc.example.com</c> (all below
    /// <c>svc.example.com</c>), without ports; none means all that the client is used for. What goes to another host carries no tenant.
    /// </param>
    /// <exception cref="MultiTenancyConfigurationException">One of the hosts is none.</exception>
    /// <remarks>A request that has the header already and names another tenant is not sent: <see cref="TenantMismatchException"/>.</remarks>
    public static IHttpClientBuilder AddTenantHeader(this IHttpClientBuilder client, bool required = false, params string[] hosts)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(hosts);
        var receivers = new TenantReceivers(hosts);

        // Last of all, so that a primary handler that is set later is found, and handlers that retry or add headers stand before it.
        client.Services.AddSingleton<IPostConfigureOptions<HttpClientFactoryOptions>>(services =>
            new PostConfigureOptions<HttpClientFactoryOptions>(client.Name, factory => factory.HttpMessageHandlerBuilderActions.Add(builder =>
                TenantHeaderHandler.AddTo(builder, services, receivers, required))));
        return client;
    }
}
