using Freehold.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Stores;

/// <summary>What operations rely on where they change a record that others change, too.</summary>
public class AtomicRegistryTests
{
    private static readonly TenantPlacement Schemas = new(Isolation.Schema);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<bool> Stores => [false, true];

    [Theory, MemberData(nameof(Stores))]
    public async Task A_record_is_changed_only_if_it_is_the_one_that_was_read(bool isCatalog)
    {
        await using var process = await ProcessAsync(isCatalog);
        var registry = Registry(process);
        var acme = new Tenant("acme") { Name = "Acme", Tags = ["eu"], Placement = new(Isolation.Schema) { Schema = "s" } };
        await registry.AddAsync(acme, Token);

        (await registry.TryUpdateAsync(acme with { Tags = [] }, acme with { State = TenantState.Suspended }, Token)).ShouldBeFalse();
        (await registry.TryUpdateAsync(acme with { Failure = "no" }, acme with { State = TenantState.Suspended }, Token)).ShouldBeFalse();
        (await registry.TryUpdateAsync(new Tenant("nobody"), new Tenant("nobody") { Name = "x" }, Token)).ShouldBeFalse();
        (await FindAsync(process, "acme")).ShouldBe(acme);

        (await registry.TryUpdateAsync(acme, acme with { State = TenantState.Suspended }, Token)).ShouldBeTrue();
        (await FindAsync(process, "acme")).ShouldBe(acme with { State = TenantState.Suspended });
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Of_many_who_change_one_record_at_once_each_sees_what_the_one_before_wrote(bool isCatalog)
    {
        await using var process = await ProcessAsync(isCatalog);
        var (registry, store) = (Registry(process), process.GetRequiredService<ITenantStore>());
        await registry.AddAsync(new("acme") { Name = "0" }, Token);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            async () =>
            {
                Tenant read;
                do
                {
                    process.GetRequiredService<ITenantCache>().Clear();
                    read = (await store.FindAsync(TenantId.Parse("acme"), Token))!;
                }
                while (!await registry.TryUpdateAsync(read, read with { Name = $"{int.Parse(read.Name!, System.Globalization.CultureInfo.InvariantCulture) + 1}" }, Token));
            },
            Token)));

        (await FindAsync(process, "acme"))!.Name.ShouldBe("16");
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_spare_is_given_away_once_with_its_place_and_only_if_it_is_ready_and_where_the_tenant_belongs(bool isCatalog)
    {
        await using var process = await ProcessAsync(isCatalog);
        var registry = Registry(process);
        var ready = Spare("a", new(Isolation.Schema) { Schema = "place_a" });
        await registry.AddAsync(Spare("b", new(Isolation.Schema) { Schema = "place_b" }) with { Failure = "Provisioning: not yet." }, Token);
        await registry.AddAsync(Spare("c", new(Isolation.Database) { Database = "place_c" }), Token);
        await registry.AddAsync(Spare("d", new(Isolation.Schema) { Server = "eu", Schema = "place_d" }), Token);
        await registry.AddAsync(new("e") { Placement = new(Isolation.Schema) { Schema = "place_e" } }, Token);
        var wanted = new Tenant("acme") { Name = "Acme", Plan = "gold", Region = "eu", Tags = ["beta"], Placement = Schemas };
        (await registry.ClaimSpareAsync(wanted, Token)).ShouldBeNull();
        (await FindAsync(process, "acme")).ShouldBeNull();
        await registry.AddAsync(ready, Token);

        await Should.ThrowAsync<TenantConflictException>(() => registry.ClaimSpareAsync(new("e") { Placement = Schemas }, Token));
        (await FindAsync(process, "a")).ShouldBe(ready, "who could not have it has not taken it");
        (await registry.ClaimSpareAsync(wanted, Token)).ShouldBe(ready);

        (await FindAsync(process, "a")).ShouldBeNull();
        (await FindAsync(process, "acme")).ShouldBe(wanted with { State = TenantState.Provisioning, Placement = ready.Placement });
        (await registry.ClaimSpareAsync(new("globex") { Placement = Schemas }, Token)).ShouldBeNull();
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task Of_many_claims_at_once_no_two_get_one_spare_and_none_goes_without_while_there_is_one(bool isCatalog)
    {
        await using var process = await ProcessAsync(isCatalog);
        var registry = Registry(process);
        foreach (var i in Enumerable.Range(0, 8))
        {
            await registry.AddAsync(Spare($"spare-{i}", new(Isolation.Schema) { Schema = $"place_{i}" }), Token);
        }

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => registry.ClaimSpareAsync(new($"t{i:00}") { Placement = Schemas }, Token), Token)));

        taken.Select(spare => spare!.Id.Value).Order().ShouldBe(Enumerable.Range(0, 8).Select(i => $"spare-{i}"));
        var all = await process.GetRequiredService<ITenantStore>().ListAsync(Token).ToListAsync(Token);
        all.Count.ShouldBe(8);
        all.Select(tenant => tenant.Placement!.Schema).Distinct().Count().ShouldBe(8);
        all.ShouldAllBe(tenant => tenant.State == TenantState.Provisioning);
    }

    private static Tenant Spare(string id, TenantPlacement placement) => new(id) { State = TenantState.Spare, Placement = placement };

    private static IAtomicTenantRegistry Registry(IServiceProvider process) =>
        process.GetRequiredService<ITenantRegistry>().ShouldBeAssignableTo<IAtomicTenantRegistry>()!;

    private static async Task<Tenant?> FindAsync(IServiceProvider process, string id) =>
        await process.GetRequiredService<ITenantStore>().FindAsync(TenantId.Parse(id), Token);

    private static async Task<ServiceProvider> ProcessAsync(bool isCatalog)
    {
        var database = isCatalog ? await (await PostgresServer.GetAsync()).CreateDatabaseAsync() : null;
        return new ServiceCollection().AddMultiTenancy(tenancy => _ = database is null ? tenancy : tenancy.UsePostgresCatalog(database)).BuildServiceProvider();
    }
}
