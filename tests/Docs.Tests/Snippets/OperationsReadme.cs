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
        await provisioner.ProvisionAsync(new Tenant("acme"));   // schema, migrations, seeds; the record is Provisioning, then Active
        await provisioner.MigrateAsync(new Tenant("acme"));     // after a deployment
        await provisioner.SuspendAsync(TenantId.Parse("acme")); // and ResumeAsync
        await provisioner.DropAsync(new Tenant("acme"));        // out of service, then gone; with an archive where asked for

        var operations = app.Services.GetRequiredService<ITenantOperations>();
        var plan = await operations.PlanMigrationAsync();       // one query for each shared database; changes nothing
        var result = await operations.MigrateAsync(plan);       // all tenants; a killed run is continued by the next one
        var back = await operations.PlanMigrationAsync(options: new() { Target = "Prices" });   // what is beyond is reverted
        result.ThrowIfFailed();
    }
}
