using Freehold.Operations.Tests.Hosting;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Operations.Tests.Seeding;

/// <summary>Seeds that cannot work are refused when the application starts; those that do not continue what a tenant has, when it is that tenant's turn.</summary>
public sealed class SeedListTests
{
    private static readonly Tenant Acme = new("acme");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_seeds_of_one_version_are_refused() =>
        await RefusedAsync(tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(7).AddSeed<ShopDb, SecondOrder>(7).AddOperations(), "Version 7", "FirstOrder, SecondOrder");

    [Fact]
    public async Task A_seed_of_a_context_that_is_not_registered_is_refused() =>
        await RefusedAsync(tenancy => tenancy.AddSeed<LedgerDb, OpeningBooking>(1).AddOperations(), "LedgerDb", "OpeningBooking");

    [Theory]
    [InlineData(0, null, "at least 1")]
    [InlineData(1, " ", "empty name")]
    public async Task A_seed_without_version_or_name_is_refused(int version, string? name, string told) =>
        await RefusedAsync(tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(version, name).AddOperations(), told);

    [Fact]
    public async Task Seeds_that_nobody_would_apply_are_refused() => await RefusedAsync(tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(1), "AddOperations");

    [Fact]
    public async Task A_seed_put_before_one_that_a_tenant_has_is_refused_and_so_is_another_name()
    {
        await using var fleet = await StartAsync(tenancy => tenancy.AddSeed<ShopDb, SecondOrder>(2));
        await fleet.Provisioner.ProvisionAsync(Acme, Cancelled);
        await SeedAsync(fleet);

        await RefusedAsync(fleet, tenancy => tenancy.AddSeed<ShopDb, SecondOrder>(2).AddSeed<ShopDb, FirstOrder>(1), "'acme'", "seed 1 'FirstOrder'", "above 2");
        await RefusedAsync(fleet, tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(2), "'acme'", "'SecondOrder'", "'FirstOrder'");
        await RefusedAsync(fleet, tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(2).AddSeed<ShopDb, SecondOrder>(3), "'SecondOrder'", "'FirstOrder'");

        await using var renamed = await StartAsync(tenancy => tenancy.AddSeed<ShopDb, FirstOrder>(2, name: "SecondOrder").AddSeed<ShopDb, DemoOrder>(3), fleet.ConnectionString);
        (await SeedAsync(renamed)).Applied.ShouldBe([new TenantSeed("ShopDb", 3, "DemoOrder")]);
    }

    private static async Task RefusedAsync(Fleet before, Action<MultiTenancyBuilder> configure, params string[] told)
    {
        await using var fleet = await StartAsync(configure, before.ConnectionString);
        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => SeedAsync(fleet));
        told.ShouldAllBe(text => refusal.Message.Contains(text, StringComparison.Ordinal), refusal.Message);
        (await fleet.SqlAsync("acme", "SELECT count(*) FROM \"Orders\"")).ShouldBe(1L);
    }

    private static async Task RefusedAsync(Action<MultiTenancyBuilder> configure, params string[] told)
    {
        var services = new ServiceCollection().AddSingleton<SeedSwitch>()
            .AddMultiTenancy(tenancy => configure(tenancy.UseSqlite(Path.GetTempPath()).AddDbContext<ShopDb>()));
        await using var application = services.BuildServiceProvider(validateScopes: true);
        var start = application.GetServices<IHostedService>().OfType<IHostedLifecycleService>().First();
        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(() => start.StartingAsync(Cancelled));
        told.ShouldAllBe(text => refusal.Message.Contains(text, StringComparison.Ordinal), refusal.Message);
    }

    private static Task<Fleet> StartAsync(Action<MultiTenancyBuilder> configure, string? connectionString = null) => Fleet.StartAsync(
        Kind.Schemas,
        tenancy =>
        {
            tenancy.Services.AddSingleton<SeedSwitch>();
            configure(tenancy.AddDbContext<ShopDb>().AddOperations());
        },
        connectionString);

    private static Task<TenantSeedResult> SeedAsync(Fleet fleet) => fleet.Services.GetRequiredService<ITenantSeeder>().SeedAsync(Acme, Cancelled);
}
