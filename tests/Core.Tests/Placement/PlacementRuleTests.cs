using Freehold.Core.Tests.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Placement;

/// <summary>Rules place new tenants; their records remember.</summary>
public sealed class PlacementRuleTests
{
    private static readonly TenantPlacement Own = new(Isolation.Database) { Server = "eu" };

    [Fact]
    public async Task The_first_rule_that_answers_decides_and_the_record_remembers()
    {
        var placed = new List<Tenant>();
        await using var services = Build(tenancy => tenancy
            .PlaceBy(tenant => tenant.Plan == "gold" ? Own : null, (tenant, _) => { placed.Add(tenant); return Task.CompletedTask; })
            .PlaceBy(tenant => tenant.Region is { } region ? new TenantPlacement(Isolation.Schema) { Server = region } : null));
        var registry = services.GetRequiredService<ITenantRegistry>();
        await registry.AddAsync(new Tenant("acme") { Plan = "gold", Region = "us" });
        await registry.AddAsync(new Tenant("globex") { Region = "us" });
        await registry.AddAsync(new Tenant("initech"));

        var store = services.GetRequiredService<ITenantStore>();
        (await store.FindAsync(TenantId.Parse("acme")))!.Placement.ShouldBe(Own);
        (await store.FindAsync(TenantId.Parse("globex")))!.Placement.ShouldBe(new TenantPlacement(Isolation.Schema) { Server = "us" });
        (await store.FindAsync(TenantId.Parse("initech")))!.Placement.ShouldBe(new TenantPlacement(Isolation.Schema));
        placed.ShouldHaveSingleItem().ShouldBe(await store.FindAsync(TenantId.Parse("acme")));
    }

    [Fact]
    public async Task A_placement_that_is_given_is_not_asked_about()
    {
        await using var services = Build(tenancy => tenancy.PlaceBy(_ => throw new InvalidOperationException("asked")));
        var given = new Tenant("acme") { Placement = new TenantPlacement(Isolation.Schema) { Server = "us" } };
        await services.GetRequiredService<ITenantRegistry>().AddAsync(given);
        (await services.GetRequiredService<ITenantStore>().FindAsync(given.Id)).ShouldBe(given);
    }

    [Fact]
    public async Task A_rule_that_names_a_server_that_is_not_there_adds_nobody()
    {
        await using var services = Build(tenancy => tenancy.PlaceBy(_ => new TenantPlacement(Isolation.Schema) { Server = "mars" }));
        var refusal = await Should.ThrowAsync<MultiTenancyConfigurationException>(
            () => services.GetRequiredService<ITenantRegistry>().AddAsync(new Tenant("acme")));
        refusal.Message.ShouldContain("'acme' to server 'mars'");
        refusal.Message.ShouldContain("default, eu, us");
        (await services.GetRequiredService<ITenantStore>().FindAsync(TenantId.Parse("acme"))).ShouldBeNull();
    }

    [Fact]
    public async Task A_rule_that_names_a_place_that_belongs_to_others_adds_nobody()
    {
        await using var services = Build(tenancy => tenancy.PlaceBy(_ => new TenantPlacement(Isolation.Schema) { Schema = "tenant_globex" }));
        await Should.ThrowAsync<MultiTenancyConfigurationException>(() => services.GetRequiredService<ITenantRegistry>().AddAsync(new Tenant("acme")));
    }

    [Fact]
    public async Task A_rule_that_fails_adds_nobody_and_the_rules_behind_it_are_not_asked()
    {
        await using var services = Build(tenancy => tenancy
            .PlaceBy(_ => throw new InvalidOperationException("The price list is away."))
            .PlaceBy(_ => new TenantPlacement(Isolation.Schema)));
        (await Should.ThrowAsync<InvalidOperationException>(() => services.GetRequiredService<ITenantRegistry>().AddAsync(new Tenant("acme"))))
            .Message.ShouldBe("The price list is away.");
        (await services.GetRequiredService<ITenantStore>().FindAsync(TenantId.Parse("acme"))).ShouldBeNull();
    }

    [Fact]
    public async Task Whoever_cannot_be_told_of_a_tenant_does_not_have_it_and_is_told_when_it_is_added_again()
    {
        var told = new List<Tenant>();
        await using var services = Build(tenancy => tenancy.PlaceBy(_ => Own, (tenant, _) =>
        {
            told.Add(tenant);
            return told.Count > 1 ? Task.CompletedTask : throw new InvalidOperationException("The bill could not be written.");
        }));
        var (registry, store) = (services.GetRequiredService<ITenantRegistry>(), services.GetRequiredService<ITenantStore>());
        await Should.ThrowAsync<InvalidOperationException>(() => registry.AddAsync(new Tenant("acme")));
        (await store.FindAsync(TenantId.Parse("acme"))).ShouldBeNull();

        await registry.AddAsync(new Tenant("acme"));
        told.ShouldBe([new Tenant("acme") { Placement = Own }, new Tenant("acme") { Placement = Own }]);
        (await store.FindAsync(TenantId.Parse("acme")))!.Placement.ShouldBe(Own);
    }

    [Fact]
    public async Task Only_the_rule_that_decided_is_told_and_nobody_where_convention_did_or_a_conflict_stood_in_the_way()
    {
        var told = new List<string>();
        await using var services = Build(tenancy => tenancy
            .PlaceBy(tenant => tenant.Plan == "gold" ? Own : null, (tenant, _) => Told($"gold {tenant.Id}"))
            .PlaceBy(tenant => tenant.Plan == "tin" ? Own : null, (tenant, _) => Told($"tin {tenant.Id}")));
        var registry = services.GetRequiredService<ITenantRegistry>();
        await registry.AddAsync(new Tenant("acme") { Plan = "tin" });
        await registry.AddAsync(new Tenant("globex"));
        await Should.ThrowAsync<TenantConflictException>(() => registry.AddAsync(new Tenant("globex") { Plan = "gold" }));
        told.ShouldBe(["tin acme"]);

        Task Told(string what)
        {
            told.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Whoever_would_be_elsewhere_by_now_is_found_and_not_moved()
    {
        var promoted = new List<TenantPromotion>();
        await using var services = Build(tenancy => tenancy.PlaceBy(
            tenant => tenant.Plan == "gold" ? Own : null,
            onPromotion: (promotion, _) => { promoted.Add(promotion); return Task.CompletedTask; }));
        var registry = services.GetRequiredService<ITenantRegistry>();
        foreach (var id in new[] { "acme", "globex", "initech" })
        {
            await registry.AddAsync(new Tenant(id));
        }

        var store = services.GetRequiredService<ITenantStore>();
        var promotions = services.GetRequiredService<TenantPromotions>();
        (await promotions.CheckAsync()).ShouldBeEmpty();

        await registry.UpdateAsync((await store.FindAsync(TenantId.Parse("acme")))! with { Plan = "gold" });
        await registry.UpdateAsync((await store.FindAsync(TenantId.Parse("globex")))! with { Plan = "gold", State = TenantState.Deleted });
        var found = (await promotions.CheckAsync()).ShouldHaveSingleItem();

        found.Tenant.Id.Value.ShouldBe("acme");
        found.From.ShouldBe(new TenantPlacement(Isolation.Schema));
        found.To.ShouldBe(Own);
        promoted.ShouldBe([found]);
        (await store.FindAsync(TenantId.Parse("acme")))!.Placement.ShouldBe(new TenantPlacement(Isolation.Schema));
    }

    [Fact]
    public async Task A_tenant_without_a_placement_from_before_there_were_rules_is_where_convention_puts_it()
    {
        await using var services = Build(tenancy => tenancy.PlaceBy(_ => new TenantPlacement(Isolation.Schema)), new Tenant("acme"));
        (await services.GetRequiredService<TenantPromotions>().CheckAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rule_of_a_class_of_its_own_asks_the_services_of_the_application()
    {
        await using var services = Build(tenancy => tenancy.PlaceBy<BySize>().Services.AddSingleton(new Sizes { ["acme"] = 1_000 }));
        var registry = services.GetRequiredService<ITenantRegistry>();
        await registry.AddAsync(new Tenant("acme"));
        await registry.AddAsync(new Tenant("globex"));
        var store = services.GetRequiredService<ITenantStore>();
        (await store.FindAsync(TenantId.Parse("acme")))!.Placement!.Isolation.ShouldBe(Isolation.Database);
        (await store.FindAsync(TenantId.Parse("globex")))!.Placement!.Isolation.ShouldBe(Isolation.Schema);
    }

    private static ServiceProvider Build(Action<MultiTenancyBuilder> configure, params Tenant[] tenants) => new ServiceCollection().AddMultiTenancy(tenancy =>
    {
        tenancy.UseNpgsql("Host=localhost;Database=x").AddNpgsqlServer("eu", "Host=localhost;Database=eu").AddNpgsqlServer("us", "Host=localhost;Database=us")
            .IsolateBy(Isolation.Schema).UseTenants(tenants).AddDbContext<PlainDb>();
        configure(tenancy);
    }).BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

    public sealed class Sizes : Dictionary<string, int>;

    public sealed class BySize(Sizes sizes) : ITenantPlacementRule
    {
        public ValueTask<TenantPlacement?> PlaceAsync(Tenant tenant, CancellationToken cancellationToken) =>
            new(sizes.GetValueOrDefault(tenant.Id.Value) > 100 ? new TenantPlacement(Isolation.Database) : null);
    }
}
