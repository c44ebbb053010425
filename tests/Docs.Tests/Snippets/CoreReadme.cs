using Freehold;
using Microsoft.Extensions.DependencyInjection;
using Shop.Readme;

namespace Shop.CoreReadme;

internal static class Setup
{
    public static void Run(IServiceCollection services, string connectionString)
    {
        services.AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(connectionString)
            .IsolateBy(Isolation.Schema)
            .AddDbContext<ShopDb>());
    }
}
