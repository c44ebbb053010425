using Freehold.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Running;

/// <summary>An application without a host's boundary: all it has is its services.</summary>
internal static class Application
{
    public static ServiceProvider Build(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        configure(services);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    /// <summary>Visits the far side as work outside any host has to: by <c>ForTenantAsync</c>, or in a scope that says that it is nobody's.</summary>
    public static async Task<Crossing> VisitAsync(IServiceProvider services, string? tenantId, Guid visit, bool mayLackTenant)
    {
        try
        {
            if (tenantId is null && mayLackTenant)
            {
                using var none = TenantScope.EnterNone();
                await using var scope = services.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<FarSide>().VisitAsync(visit);
            }
            else
            {
                await services.ForTenantAsync(tenantId, (scope, _) => scope.GetRequiredService<FarSide>().VisitAsync(visit));
            }

            return new();
        }
        catch (TenantException refusal)
        {
            return new(refusal.Code);
        }
    }
}
