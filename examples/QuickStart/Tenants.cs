using Freehold;

namespace QuickStart;

/// <summary>The customers of this application: two that trade, and one that is suspended.</summary>
internal static class Tenants
{
    public static readonly Tenant Acme = new("acme");
    public static readonly Tenant Globex = new("globex");
    public static readonly Tenant Initech = new("initech") { State = TenantState.Suspended };

    public static readonly Product AcmesAnvil = new() { Name = "anvil", Price = 10, Currency = "USD", Warehouse = "Tucson" };
    public static readonly Product GlobexsAnvil = new() { Name = "anvil", Price = 99, Currency = "EUR", Warehouse = "Oslo" };

    /// <summary>Makes every tenant's file or schema, applies the EF migrations to it, and gives the shops their price lists.</summary>
    public static async Task ProvisionAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var provisioner = services.GetRequiredService<ITenantProvisioner>();
        foreach (var tenant in new[] { Acme, Globex, Initech })
        {
            await provisioner.ProvisionAsync(tenant, cancellationToken);
        }

        await SellAsync(Acme, AcmesAnvil);
        await SellAsync(Globex, GlobexsAnvil);

        // Outside of a request, message or job, enter the tenant yourself.
        async Task SellAsync(Tenant tenant, Product product)
        {
            using var entered = TenantScope.Enter(tenant);
            await using var db = services.GetRequiredService<ITenantDbContextFactory<ShopDb>>().Create();
            db.Products.Add(product);
            await db.SaveChangesAsync(cancellationToken);
        }
    }
}
