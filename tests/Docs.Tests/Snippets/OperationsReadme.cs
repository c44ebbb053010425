using Freehold;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shop.Readme;

namespace Shop.OperationsReadme;

internal static class Setup
{
    public static async Task RunAsync(WebApplicationBuilder builder, WebApplication app, string connectionString)
    {
        builder.Services.AddMultiTenancy(tenancy => tenancy
            .UseNpgsql(connectionString).IsolateBy(Isolation.Schema)
            .AddDbContext<ShopDb>()
            .AddOperations());

        var provisioner = app.Services.GetRequiredService<ITenantProvisioner>();
        await provisioner.ProvisionAsync(new Tenant("acme"));   // schema, migrations, record: Provisioning, then Active
        await provisioner.MigrateAsync(new Tenant("acme"));     // after a deployment
        await provisioner.DropAsync(new Tenant("acme"));        // out of service, then gone
    }
}
