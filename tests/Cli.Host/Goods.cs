namespace Freehold.Cli.Host;

/// <summary>What every shop begins with.</summary>
public sealed class Goods : ITenantSeed<ShopDb>
{
    public async Task SeedAsync(ShopDb context, CancellationToken cancellationToken) =>
        await context.AddRangeAsync([new Good { Id = 1, Name = "tea" }, new Good { Id = 2, Name = "coffee" }], cancellationToken);
}
