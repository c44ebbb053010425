namespace Freehold.Core.Tests.Stores;

public sealed class TenantCacheTests : IDisposable
{
    private static readonly TenantId Acme = TenantId.Parse("acme");

    private readonly CachedStore _process = new(new ControllableStore(new Tenant("acme")));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ControllableStore Inner => _process.Inner;

    public void Dispose() => _process.Dispose();

    [Fact]
    public async Task A_remembered_tenant_is_found_at_once_and_without_allocating()
    {
        await _process.FindAsync("acme");
        var store = _process.Store;
        Hit(store);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Hit(store);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1000, "less than a byte per question");
        Inner.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_record_is_believed_for_its_time_and_not_longer()
    {
        await _process.FindAsync("acme");

        _process.Time.Pass(TimeSpan.FromSeconds(29));
        await _process.FindAsync("acme");
        Inner.Asked.ShouldBe(1);

        _process.Time.Pass(TimeSpan.FromSeconds(2));
        await _process.FindAsync("acme");
        Inner.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task That_there_is_no_such_tenant_is_believed_for_a_shorter_time()
    {
        (await _process.FindAsync("nobody")).ShouldBeNull();
        await Inner.AddAsync(new Tenant("nobody"), Token);

        _process.Time.Pass(TimeSpan.FromSeconds(4));
        (await _process.FindAsync("nobody")).ShouldBeNull();
        Inner.Asked.ShouldBe(1);

        _process.Time.Pass(TimeSpan.FromSeconds(2));
        (await _process.FindAsync("nobody")).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_duration_of_zero_asks_every_time()
    {
        using var process = new CachedStore(Inner, options => options.CacheDuration = TimeSpan.Zero);

        foreach (var id in new[] { "acme", "acme", "nobody", "nobody" })
        {
            await process.FindAsync(id);
        }

        Inner.Asked.ShouldBe(4);
    }

    [Fact]
    public async Task A_duration_without_end_is_possible()
    {
        using var process = new CachedStore(Inner, options => options.CacheDuration = TimeSpan.MaxValue);

        await process.FindAsync("acme");
        process.Time.Pass(TimeSpan.FromDays(10_000));
        await process.FindAsync("acme");

        Inner.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_failure_is_not_remembered()
    {
        Inner.Failure = new TimeoutException();
        await Should.ThrowAsync<TimeoutException>(() => _process.FindAsync("acme"));

        Inner.Failure = null;
        (await _process.FindAsync("acme")).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_has_expired_is_not_served_because_the_store_is_down()
    {
        await _process.AdmitAsync("acme");
        Inner.Failure = new TimeoutException();
        _process.Time.Pass(TimeSpan.FromSeconds(31));

        var refusal = await Should.ThrowAsync<TenantUnavailableException>(() => _process.AdmitAsync("acme"));

        refusal.IsRetryable.ShouldBeTrue();
        refusal.InnerException.ShouldBeOfType<TimeoutException>();
    }

    [Fact]
    public async Task A_store_that_answers_with_another_tenant_has_answered_no()
    {
        using var process = new CachedStore(new ControllableStore { Holds = true });
        var asking = process.FindAsync("ACME");
        (await process.Inner.NextQuestionAsync()).Answer.SetResult(new Tenant("acme"));

        (await asking).ShouldBeNull();
    }

    [Fact]
    public async Task The_store_is_asked_outside_any_tenant()
    {
        using (TenantScope.Enter(new Tenant("globex")))
        {
            await _process.FindAsync("acme");
            TenantScope.Current?.Id.Value.ShouldBe("globex");
        }

        Inner.Asked.ShouldBe(1);
        Inner.Ambient.ShouldBeNull();
    }

    [Fact]
    public async Task What_the_registry_writes_is_seen_at_once()
    {
        await _process.AdmitAsync("acme");

        await _process.Registry.UpdateAsync(new Tenant("acme") { State = TenantState.Suspended }, Token);

        await Should.ThrowAsync<TenantSuspendedException>(() => _process.AdmitAsync("acme"));
    }

    [Fact]
    public async Task A_write_that_failed_is_forgotten_too_because_it_may_have_been_done()
    {
        await _process.FindAsync("acme");
        Inner.Failure = new TimeoutException();
        await Should.ThrowAsync<TimeoutException>(() => _process.Registry.UpdateAsync(new Tenant("acme") { State = TenantState.Suspended }, Token));
        Inner.Failure = null;

        (await _process.FindAsync("acme"))!.State.ShouldBe(TenantState.Suspended);
    }

    [Fact]
    public async Task A_tenant_deleted_and_created_again_under_its_id_is_the_new_one()
    {
        await _process.FindAsync("acme");

        await _process.Registry.RemoveAsync(Acme, Token);
        (await _process.FindAsync("acme")).ShouldBeNull();
        var again = new Tenant("acme") { Placement = new(Isolation.Schema) { Schema = "tenant_acme_2" } };
        await _process.Registry.AddAsync(again, Token);

        (await _process.FindAsync("acme")).ShouldBe(again);
    }

    [Fact]
    public async Task Another_process_sees_a_change_after_the_duration_or_when_told()
    {
        using var other = new CachedStore(Inner, time: _process.Time);
        await other.FindAsync("acme");
        await other.FindAsync("globex");

        await _process.Registry.UpdateAsync(new Tenant("acme") { State = TenantState.Suspended }, Token);
        await _process.Registry.AddAsync(new Tenant("globex"), Token);
        (await other.FindAsync("acme"))!.State.ShouldBe(TenantState.Active);

        other.Cache.Forget(Acme);
        (await other.FindAsync("acme"))!.State.ShouldBe(TenantState.Suspended);
        (await other.FindAsync("globex")).ShouldBeNull();
        _process.Time.Pass(TimeSpan.FromSeconds(30));
        (await other.FindAsync("globex")).ShouldNotBeNull();
    }

    private static void Hit(ITenantStore store)
    {
        var answer = store.FindAsync(Acme, CancellationToken.None);
        if (!answer.IsCompletedSuccessfully || answer.Result?.Id != Acme)
        {
            throw new InvalidOperationException("Not remembered.");
        }
    }
}
