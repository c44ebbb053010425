using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Contracts;

/// <summary>What every host under contract has, in whichever process.</summary>
public static class ContractServices
{
    /// <summary>Adds the contract's tenants, their database if there is one, and the far side.</summary>
    public static void AddTo(
        IServiceCollection services, VisitLog log, string? connectionString, Action<MultiTenancyBuilder>? configureTenancy = null)
    {
        services.AddMultiTenancy(tenancy =>
        {
            tenancy.UseTenants(ContractTenants.All);
            configureTenancy?.Invoke(tenancy);
            if (connectionString is not null)
            {
                tenancy.UseNpgsql(connectionString).IsolateBy(Isolation.Schema).AddDbContext<ProbeDb>();
            }
        });
        services.AddSingleton(log);
        services.AddScoped<FarSide>();
    }
}
