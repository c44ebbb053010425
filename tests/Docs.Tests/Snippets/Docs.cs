using Freehold;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;

namespace Shop.Docs;

public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();

    public DbSet<Product> Products => Set<Product>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Product>().IsShared();
}

public sealed record Order(Guid Id, decimal Total);

public sealed record Product(string Id);

public abstract class MyTenantStore : ITenantStore
{
    public abstract ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default);

    public abstract IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default);
}

internal static class Pages
{
    public static async Task IsolationAsync(TenantAdmission admission, ITenantDbContextFactory<ShopDb> factory)
    {
        using var entered = TenantScope.Enter(await admission.AdmitAsync("acme"));
        await using var db = factory.Create();
        var orders = await db.Orders.Where(order => order.Total > 100).ToListAsync();
    }

    public static void Names(MultiTenancyBuilder tenancy)
    {
        tenancy.ConfigureNaming(naming =>
        {
            naming.AllowedCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";
            naming.SchemaTemplate = "customer_{id}";
            naming.TypesSchema = "types";                     // enums and extensions that all tenants share
        });
    }

    public static void Stores(MultiTenancyBuilder tenancy, IConfiguration configuration)
    {
        tenancy.UseTenants(new Tenant("acme"), new Tenant("globex"));             // in code
        tenancy.UseTenants(configuration.GetSection("Tenants"));                  // in configuration
        tenancy.UsePostgresCatalog();                                             // in PostgreSQL, on the default server
        tenancy.UseTenantStore<MyTenantStore>();                                  // your own
    }

    public static async Task SuspendingAsync(ITenantProvisioner provisioner, Tenant tenant)
    {
        await provisioner.SuspendAsync(tenant.Id);                                // other processes notice when their cached record expires
        await provisioner.ResumeAsync(tenant.Id);
    }

    public static void Keeping(MultiTenancyBuilder tenancy)
    {
        tenancy.KeepSpareTenants(5);                                              // made at start, and after each claim
    }

    public static async Task<Tenant> ClaimingAsync(ITenantSpares spares)
    {
        var tenant = await spares.ClaimAsync(new Tenant("acme") { Plan = "gold" });
        return tenant;
    }

    public static async Task<TenantArchive?> DroppingAsync(ITenantProvisioner provisioner, Tenant tenant)
    {
        var result = await provisioner.DropAsync(tenant, new TenantDropOptions { ArchivePath = "/var/archive/acme.zip" });
        return result.Archive;
    }

    public static void Isolating(MultiTenancyBuilder tenancy)
    {
        tenancy.IsolateBy(Isolation.Row, Isolation.Schema);                       // rows by default, a schema where the record says so
    }

    public static void Servers(MultiTenancyBuilder tenancy, string connectionString)
    {
        tenancy.AddNpgsqlServer("eu", connectionString);                          // beside that of UseNpgsql
    }

    public static async Task PlacingAsync(ITenantProvisioner provisioner)
    {
        var placement = new TenantPlacement(Isolation.Database) { Server = "eu", Database = "globex_eu" };
        await provisioner.ProvisionAsync(new Tenant("globex") { Placement = placement });
    }

    public static async Task ProvisioningAsync(ITenantProvisioner provisioner)
    {
        await provisioner.ProvisionAsync(new Tenant("acme"));                     // schema, database or file; migrations; seeds; then it is active
        await provisioner.MigrateAsync(new Tenant("acme"));                       // under a lock of that tenant
    }

    public static async Task MigratingAsync(ITenantOperations operations)
    {
        var result = await operations.MigrateAsync(await operations.PlanMigrationAsync());
        result.ThrowIfFailed();
    }
}
