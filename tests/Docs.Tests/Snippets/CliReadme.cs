using Freehold;
using Microsoft.AspNetCore.Builder;
using Shop.Readme;

namespace Shop.CliReadme;

internal static class Setup
{
    public static void Set(WebApplicationBuilder builder, string connectionString) =>
        builder.Services.AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(connectionString).IsolateBy(Isolation.Schema)
            .UsePostgresCatalog()
            .AddDbContext<ShopDb>()
            .AddOperations());
}
