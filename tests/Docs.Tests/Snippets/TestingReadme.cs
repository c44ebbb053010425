using Freehold;
using Microsoft.EntityFrameworkCore;

namespace Shop.TestingReadme;

public sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();
}

public sealed class Order
{
    public Guid Id { get; set; }

    public required string Item { get; set; }
}

#pragma warning disable CA1515, CA1707
public class LeakTests
{
    [Theory]
    [InlineData(Isolation.Schema)]
    [InlineData(Isolation.Database)]
    [InlineData(Isolation.Row)]
    public async Task No_tenant_meets_anothers_rows(Isolation isolation)
    {
        var suite = new TenantLeakSuite<ShopDb>((tenancy, connectionString) => tenancy
            .UseNpgsql(connectionString)
            .IsolateBy(isolation)
            .AddDbContext<ShopDb>());

        (await suite.RunAsync()).ThrowIfLeaked();
    }
}

internal static class Help
{
    public static TenantLeakSuite<ShopDb> Suite(Action<MultiTenancyBuilder, string> register)
    {
        var suite = new TenantLeakSuite<ShopDb>(register, options => options
            .Make(row => new Order { Id = Guid.NewGuid(), Item = $"An item of {row.Tenant.Id}, {row.Stamp}" })     // rules the model does not tell
            .Through("mediator", (services, tenant, work, cancellationToken) => RunAsync(services, tenant, work, cancellationToken)));   // a host of yours
        return suite;
    }

    public static void Mix(TenantLeakOptions options)
    {
        options.Describe = (tenant, number) => tenant with { Plan = number % 2 == 0 ? "gold" : "free" };   // what rules of PlaceBy go by; or its Placement
        options.Pooler = async (connectionString, cancellationToken) => await StartAsync(connectionString, cancellationToken);   // returns the way through it
    }

    private static Task<string> StartAsync(string connectionString, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled<string>(cancellationToken) : Task.FromResult(connectionString);

    private static Task RunAsync(
        IServiceProvider services, Tenant tenant, Func<IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        services.ForTenantAsync(tenant.Id.Value, work, cancellationToken);
}
