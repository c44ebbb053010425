using Freehold.Core.Stores.Caching;

namespace Freehold.Core.Tests.Stores;

public class TenantCacheBoundsTests
{
    [Fact]
    public async Task Random_ids_push_no_tenant_out_and_take_no_memory_beyond_their_share()
    {
        var tenants = Enumerable.Range(0, 80).Select(number => new Tenant($"t{number}")).ToArray();
        using var process = new CachedStore(new ControllableStore(tenants), options => options.CacheSize = 100);
        await FindAllAsync(process, tenants.Select(tenant => tenant.Id.Value));

        await FindAllAsync(process, Enumerable.Range(0, 5000).Select(number => $"random-{number}"));
        Remembered(process).ShouldBeInRange(80, 90);

        var before = process.Inner.Asked;
        await FindAllAsync(process, tenants.Select(tenant => tenant.Id.Value));
        process.Inner.Asked.ShouldBe(before);
    }

    [Fact]
    public async Task More_tenants_than_the_cache_holds_are_all_found()
    {
        var tenants = Enumerable.Range(0, 2000).Select(number => new Tenant($"t{number}")).ToArray();
        using var process = new CachedStore(new ControllableStore(tenants), options => options.CacheSize = 100);

        foreach (var tenant in tenants.Concat(tenants))
        {
            (await process.FindAsync(tenant.Id.Value)).ShouldBe(tenant);
            Remembered(process).ShouldBeLessThanOrEqualTo(100);
        }
    }

    [Fact]
    public async Task A_cache_of_one_works()
    {
        using var process = new CachedStore(new ControllableStore(new Tenant("acme")), options => options.CacheSize = 1);

        await FindAllAsync(process, ["acme", "nobody", "acme"]);

        process.Inner.Asked.ShouldBe(2);
    }

    private static int Remembered(CachedStore process) => process.Store.ShouldBeOfType<CachingTenantStore>().Count;

    private static async Task FindAllAsync(CachedStore process, IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            await process.FindAsync(id);
        }
    }
}
