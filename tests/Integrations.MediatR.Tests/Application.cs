using Freehold.Contracts;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MediatR.Tests;

/// <summary>An application with MediatR and multi-tenancy, checked as strictly as the container can.</summary>
internal static class Application
{
    public static ServiceProvider Build(
        Action<MediatRMultiTenancyOptions>? options = null,
        Action<MediatRServiceConfiguration>? before = null,
        Action<MediatRServiceConfiguration>? after = null,
        Action<IServiceCollection>? configureServices = null)
    {
        var services = new ServiceCollection();
        (configureServices ?? AddTenants)(services);
        services.AddSingleton<Disposals>();
        services.AddScoped<ScopedTenant>();
        services.AddMediatR(mediatR =>
        {
            mediatR.RegisterServicesFromAssemblyContaining<Run>();
            before?.Invoke(mediatR);
            mediatR.AddMultiTenancy(options);
            after?.Invoke(mediatR);
        });
        return services.BuildServiceProvider(validateScopes: true);
    }

    public static void AddTenants(IServiceCollection services) =>
        services.AddMultiTenancy(tenancy => tenancy.UseTenants(ContractTenants.All));

    /// <summary>Sends from a new scope within that tenant (null: none).</summary>
    public static async Task SendAsync(this IServiceProvider services, string? tenant, IRequest request)
    {
        using var entered = Enter(tenant);
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ISender>().Send(request);
    }

    public static TenantScope Enter(string? tenant) => tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(new Tenant(tenant));
}
