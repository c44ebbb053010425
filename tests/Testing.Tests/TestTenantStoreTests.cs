namespace Freehold.Testing.Tests;

public class TestTenantStoreTests
{
    [Fact]
    public async Task It_is_read_and_written()
    {
        var store = new TestTenantStore(TestTenantStore.Make(2));
        await store.AddAsync(new Tenant("acme"));
        await store.UpdateAsync(new Tenant("acme") { State = TenantState.Suspended });
        await store.RemoveAsync(TenantId.Parse("tenant-0"));

        (await store.ListAsync().ToListAsync()).Select(tenant => (tenant.Id.Value, tenant.State)).ShouldBe([("acme", TenantState.Suspended), ("tenant-1", TenantState.Active)]);
        (await store.FindAsync(TenantId.Parse("acme")))!.State.ShouldBe(TenantState.Suspended);
        (await store.FindAsync(TenantId.Parse("tenant-0"))).ShouldBeNull();
        store.Reads.ShouldBe(2);
        await Should.ThrowAsync<TenantConflictException>(() => store.AddAsync(new Tenant("acme")));
        await Should.ThrowAsync<TenantUnknownException>(() => store.UpdateAsync(new Tenant("nobody")));
    }

    [Fact]
    public async Task Down_it_fails_as_a_store_that_cannot_be_reached()
    {
        var store = new TestTenantStore(new Tenant("acme")) { IsDown = true };

        await Should.ThrowAsync<IOException>(async () => await store.FindAsync(TenantId.Parse("acme")));
        await Should.ThrowAsync<IOException>(async () => await store.ListAsync().ToListAsync());
        await Should.ThrowAsync<IOException>(() => store.AddAsync(new Tenant("globex")));
        store.IsDown = false;
        (await store.FindAsync(TenantId.Parse("acme"))).ShouldNotBeNull();
    }
}
