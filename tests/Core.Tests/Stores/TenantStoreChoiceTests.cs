using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Core.Tests.Stores;

public class TenantStoreChoiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Two_lists_of_tenants_are_refused_by_their_names()
    {
        Refusal(tenancy => tenancy.UseTenants(new Tenant("acme")).UsePostgresCatalog()).ShouldContain("Both UseTenants and UsePostgresCatalog");
        Refusal(tenancy => tenancy.UsePostgresCatalog().UseTenantStore<ControllableStore>()).ShouldContain("UseTenantStore<ControllableStore>");
        Refusal(tenancy => tenancy.UseTenants().UseTenants(new ChangingConfiguration().Tenants)).ShouldContain("UseTenants was called twice");
    }

    [Fact]
    public async Task Without_a_word_tenants_are_in_memory_and_the_registry_writes_them()
    {
        await using var services = Services(_ => { });
        var registry = services.GetRequiredService<ITenantRegistry>();

        await registry.AddAsync(new Tenant("acme"), Token);
        services.GetRequiredService<ITenantCache>().Forget(TenantId.Parse("acme"));

        (await services.GetRequiredService<ITenantStore>().FindAsync(TenantId.Parse("acme"), Token)).ShouldBe(new Tenant("acme"));
        await Should.ThrowAsync<TenantConflictException>(() => registry.AddAsync(new Tenant("acme"), Token));
    }

    [Fact]
    public async Task No_registry_takes_an_id_against_the_naming_rules()
    {
        await using var memory = Services(_ => { });
        using var own = new CachedStore(new ControllableStore());

        foreach (var registry in new[] { memory.GetRequiredService<ITenantRegistry>(), own.Registry })
        {
            (await Should.ThrowAsync<InvalidTenantIdException>(() => registry.AddAsync(new Tenant("Acme"), Token))).Message.ShouldContain("AllowedCharacters");
        }

        (await own.FindAsync("Acme")).ShouldBeNull();
    }

    [Fact]
    public async Task A_tenant_in_code_that_is_against_the_naming_rules_stops_the_application()
    {
        await using var services = Services(tenancy => tenancy.UseTenants(new Tenant("Acme")));

        await Should.ThrowAsync<InvalidTenantIdException>(() => StartAsync(services));
    }

    [Fact]
    public async Task A_catalog_without_a_server_stops_the_application()
    {
        await using var services = Services(tenancy => tenancy.UsePostgresCatalog());

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(services))).Message.ShouldContain("UseNpgsql");
    }

    [Theory]
    [InlineData("public")]
    [InlineData("pg_freehold")]
    [InlineData("shared")]
    [InlineData("tenant_acme")]
    [InlineData("a\"b")]
    public async Task A_schema_that_is_not_the_catalogs_alone_stops_the_application(string schema)
    {
        await using var services = Services(tenancy => tenancy.UsePostgresCatalog("Host=nowhere", schema));

        (await Should.ThrowAsync<MultiTenancyConfigurationException>(() => StartAsync(services))).Message.ShouldContain($"'{schema}'");
    }

    [Fact]
    public async Task A_store_of_ones_own_that_only_reads_has_no_registry()
    {
        await using var services = Services(tenancy => tenancy.UseTenantStore<ReadOnlyStore>());

        (await services.GetRequiredService<TenantAdmission>().AdmitAsync("acme", Token)).Id.Value.ShouldBe("acme");
        Should.Throw<MultiTenancyConfigurationException>(() => services.GetRequiredService<ITenantRegistry>()).Message.ShouldContain("UseTenantStore<ReadOnlyStore>");
    }

    private static string Refusal(Action<MultiTenancyBuilder> configure) =>
        Should.Throw<MultiTenancyConfigurationException>(() => Services(configure)).Message;

    private static ServiceProvider Services(Action<MultiTenancyBuilder> configure) =>
        new ServiceCollection().AddMultiTenancy(configure).BuildServiceProvider();

    private static async Task StartAsync(ServiceProvider services)
    {
        foreach (var service in services.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
        {
            await service.StartingAsync(Token);
        }
    }

    private sealed class ReadOnlyStore : ITenantStore
    {
        public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default) => new(new Tenant(id));

        public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<Tenant>();
    }
}
