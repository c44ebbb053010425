namespace Freehold.Cli.Host;

/// <summary>The shop's tenants: a schema each, recorded in a catalog in the same database.</summary>
public static class Shop
{
    public const string EnvironmentVariable = "FREEHOLD_CLI_SHOP";

    public static string ConnectionString => Environment.GetEnvironmentVariable(EnvironmentVariable) ?? "Host=localhost;Port=1;Database=nowhere;Username=nobody;Timeout=2";

    public static IServiceCollection AddShop(this IServiceCollection services, string? connectionString = null) => services.AddMultiTenancy(tenancy => tenancy
        .UseNpgsql(connectionString ?? ConnectionString)
        .IsolateBy(Isolation.Schema)
        .UsePostgresCatalog()
        .AddDbContext<ShopDb>()
        .AddSeed<ShopDb, Goods>(1)
        .AddOperations());
}
