using System.Threading.Channels;
using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Context;

/// <summary>Work that runs where its tenant was not entered: it has the right one, none, or an error; never the one before.</summary>
public sealed class FlowTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Tenant A = new("t-00");
    private static readonly Tenant B = new("t-01");

    private static string? Current => TenantScope.Current?.Id.Value;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_item_of_a_channel_brings_no_tenant_along(bool synchronously)
    {
        var items = Channel.CreateUnbounded<int>(new() { AllowSynchronousContinuations = synchronously });
        var seen = new List<string?>();
        var (nobodys, ownTenants) = (ReadAsync(), default(Task));
        using (TenantScope.Enter(new Tenant("reader")))
        {
            ownTenants = ReadAsync();
        }

        for (var i = 0; i < 20; i++)
        {
            using var writer = TenantScope.Enter(i % 2 == 0 ? A : B);
            await items.Writer.WriteAsync(i);
            await Task.Yield();
            Current.ShouldBe(i % 2 == 0 ? "t-00" : "t-01");
        }

        items.Writer.Complete();
        await Task.WhenAll(nobodys, ownTenants).WaitAsync(Patience);
        seen.Count.ShouldBe(20);
        seen.Distinct().ShouldBeSubsetOf([null, "reader"]);

        async Task ReadAsync()
        {
            var own = Current;
            await foreach (var _ in items.Reader.ReadAllAsync())
            {
                Current.ShouldBe(own);
                lock (seen)
                {
                    seen.Add(Current);
                }
            }
        }
    }

    [Fact]
    public async Task A_reader_that_serves_one_tenant_after_another_keeps_none_of_them()
    {
        await using var world = await TenantWorld.SchemasAsync(maxPoolSize: 1);
        var items = Channel.CreateUnbounded<string?>();
        foreach (var id in new[] { "t-00", "t-01", null, "nobody", "t-00" })
        {
            items.Writer.TryWrite(id);
        }

        items.Writer.Complete();
        var outcomes = new List<string?>();
        await foreach (var id in items.Reader.ReadAllAsync())
        {
            try
            {
                await world.Services.ForTenantAsync(id, async (scope, cancelled) =>
                {
                    outcomes.Add(await OwnerAsync(scope.GetRequiredService<PlainDb>()));
                    throw id == "t-01" ? new InvalidOperationException("bug") : new OperationCanceledException();
                });
            }
            catch (TenantException refusal)
            {
                outcomes.Add(refusal.Code);
            }
            catch (Exception bug) when (bug is InvalidOperationException or OperationCanceledException)
            {
                outcomes.Add(Current);
            }

            Should.Throw<TenantMissingException>(() => world.Factory<PlainDb>().Create());
        }

        outcomes.ShouldBe(["t-00", null, "t-01", null, TenantErrorCodes.Missing, TenantErrorCodes.Unknown, "t-00", null]);
    }

    [Fact]
    public async Task A_timer_has_the_tenant_it_was_made_in_whoever_is_current_when_it_is_set()
    {
        var (of, ofNobody) = (new TaskCompletionSource<string?>(), new TaskCompletionSource<string?>());
        Timer timer;
        using (TenantScope.Enter(A))
        {
            timer = new Timer(_ => of.TrySetResult(Current));
        }

        await using var nobodys = new Timer(_ => ofNobody.TrySetResult(Current));
        await using (timer)
        using (TenantScope.Enter(B))
        {
            timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            nobodys.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            (await of.Task.WaitAsync(Patience)).ShouldBe("t-00");
            (await ofNobody.Task.WaitAsync(Patience)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task A_periodic_timer_has_the_tenant_of_whoever_waits_for_it()
    {
        PeriodicTimer timer;
        using (TenantScope.Enter(A))
        {
            timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        }

        using (timer)
        {
            await timer.WaitForNextTickAsync();
            Current.ShouldBeNull();
            using (TenantScope.Enter(B))
            {
                await timer.WaitForNextTickAsync();
                Current.ShouldBe("t-01");
            }
        }
    }

    [Fact]
    public async Task Work_whose_flow_is_suppressed_has_no_tenant_and_gets_no_context()
    {
        await using var world = await TenantWorld.SchemasAsync();
        Task<string?> run;
        var queued = new TaskCompletionSource<string?>();
        using (TenantScope.Enter(world.A))
        {
            using (ExecutionContext.SuppressFlow())
            {
                run = Task.Run(CodeOfContext);
            }

            ThreadPool.UnsafeQueueUserWorkItem(_ => queued.SetResult(CodeOfContext()), null);
            (await queued.Task.WaitAsync(Patience)).ShouldBe(TenantErrorCodes.Missing);
        }

        (await run).ShouldBe(TenantErrorCodes.Missing);

        string? CodeOfContext()
        {
            using var scope = world.Services.CreateScope();
            return Should.Throw<TenantException>(() => scope.ServiceProvider.GetRequiredService<PlainDb>()).Code;
        }
    }

    [Fact]
    public async Task An_event_handler_runs_for_whoever_raises_the_event_and_its_subscribers_context_refuses()
    {
        await using var world = await TenantWorld.SchemasAsync();
        await using var subscribers = world.Factory<PlainDb>().Create(world.A);
        var raiser = new Raiser();
        var (seen, refusal) = (new List<string>(), default(Exception));
        using (TenantScope.Enter(world.A))
        {
            raiser.Raised += (_, _) =>
            {
                using var own = world.Factory<PlainDb>().Create();
                seen.Add(own.Orders.Select(order => order.Owner).First());
                refusal = Record.Exception(() => subscribers.Orders.Count());
            };
        }

        using (TenantScope.Enter(world.B))
        {
            raiser.Raise();
        }

        seen.ShouldBe(["t-01"]);
        refusal.ShouldBeOfType<TenantMismatchException>();
    }

    [Fact]
    public async Task An_async_iterator_runs_for_whoever_consumes_it_and_its_makers_context_refuses()
    {
        await using var world = await TenantWorld.SchemasAsync();
        IAsyncEnumerable<string> lazy, begun;
        await using var makers = world.Factory<PlainDb>().Create(world.A);
        using (TenantScope.Enter(world.A))
        {
            lazy = OwnersAsync();
            begun = makers.Orders.OrderBy(order => order.Id).Select(order => order.Owner).AsAsyncEnumerable();
        }

        using (TenantScope.Enter(world.B))
        {
            (await lazy.Distinct().ToArrayAsync()).ShouldBe(["t-01"]);
            await Should.ThrowAsync<TenantMismatchException>(async () => await begun.ToArrayAsync());
        }

        await Should.ThrowAsync<TenantMissingException>(async () => await lazy.ToArrayAsync());

        async IAsyncEnumerable<string> OwnersAsync()
        {
            await using var own = world.Factory<PlainDb>().Create();
            await foreach (var owner in own.Orders.Select(order => order.Owner).AsAsyncEnumerable())
            {
                yield return owner;
            }
        }
    }

    [Fact]
    public async Task What_an_async_iterator_enters_lasts_to_its_next_item_and_its_context_refuses_after_it()
    {
        await using var world = await TenantWorld.SchemasAsync();
        using (TenantScope.Enter(world.B))
        {
            var items = EnteringAsync().GetAsyncEnumerator();
            (await items.MoveNextAsync()).ShouldBeTrue();
            items.Current.ShouldBe("t-00");
            Current.ShouldBe("t-01");
            await Should.ThrowAsync<TenantMismatchException>(async () => await items.MoveNextAsync());
            await items.DisposeAsync();
            Current.ShouldBe("t-01");
        }

        async IAsyncEnumerable<string> EnteringAsync()
        {
            using var entered = TenantScope.Enter(world.A);
            await using var db = world.Factory<PlainDb>().Create();
            yield return await OwnerAsync(db);
            yield return await OwnerAsync(db);
        }
    }

    [Fact]
    public async Task A_singleton_that_captured_a_context_gets_an_error_and_no_other_tenants_data()
    {
        await using var world = await TenantWorld.SchemasAsync(maxPoolSize: 1);
        PlainDb captured;
        using (TenantScope.Enter(world.A))
        await using (var scope = world.Services.CreateAsyncScope())
        {
            captured = scope.ServiceProvider.GetRequiredService<PlainDb>();
            (await OwnerAsync(captured)).ShouldBe("t-00");
            using (TenantScope.Enter(world.B))
            {
                await Should.ThrowAsync<TenantMismatchException>(() => OwnerAsync(captured));
            }

            // The flow that it was captured in is not asked for: a singleton's timer has none, and the context is A's for as long as its scope lives.
            using (TenantScope.EnterNone())
            {
                (await OwnerAsync(captured)).ShouldBe("t-00");
            }
        }

        await Should.ThrowAsync<ObjectDisposedException>(() => OwnerAsync(captured));
        using (TenantScope.Enter(world.A))
        {
            await Should.ThrowAsync<ObjectDisposedException>(() => OwnerAsync(captured));
        }
    }

    [Fact]
    public async Task An_entity_loaded_as_one_tenants_and_saved_as_anothers_leaves_the_first_as_it_was()
    {
        await using var world = await TenantWorld.SchemasAsync();
        await world.ExecuteAsync("""DELETE FROM "tenant_t-01"."Line"; DELETE FROM "tenant_t-01"."Orders" WHERE "Id" = 1""");
        Order loaded;
        await using var first = world.Factory<ShopDb>().Create(world.A);
        loaded = await first.Orders.SingleAsync(order => order.Id == 1);
        loaded.Owner = "changed";

        await using (var second = world.Factory<ShopDb>().Create(world.B))
        {
            second.Update(loaded);
            await Should.ThrowAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync());
            second.ChangeTracker.Clear();
            second.Remove(loaded);
            await Should.ThrowAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync());
        }

        using (TenantScope.Enter(world.B))
        {
            // The one that loaded it saves it nowhere but there, and there only as its own tenant.
            await Should.ThrowAsync<TenantMismatchException>(() => first.SaveChangesAsync());
        }

        (await world.OwnersAsync(world.A)).ShouldBe("t-00=3");
        (await world.OwnersAsync(world.B)).ShouldBe("t-01=2");
    }

    [Fact]
    public async Task Navigations_are_not_loaded_after_leaving_for_another_tenant()
    {
        await using var world = await TenantWorld.SchemasAsync();
        await using var db = world.Factory<ShopDb>().Create(world.A);
        Order order;
        using (TenantScope.Enter(world.A))
        {
            order = await db.Orders.FirstAsync();
        }

        using (TenantScope.Enter(world.B))
        {
            await Should.ThrowAsync<TenantMismatchException>(() => db.Entry(order).Collection(one => one.Lines).LoadAsync());
            await Should.ThrowAsync<TenantMismatchException>(() => db.Entry(order).ReloadAsync());
        }

        order.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Parallel_work_of_two_tenants_on_one_connection_reads_its_own()
    {
        await using var world = await TenantWorld.SchemasAsync(maxPoolSize: 1);
        await Task.WhenAll(world.Tenants.Select(tenant => world.Services.ForTenantAsync(tenant.Id.Value, (_, cancelled) =>
            Parallel.ForEachAsync(Enumerable.Range(0, 20), cancelled, async (_, _) =>
            {
                await using var scope = world.Services.CreateAsyncScope();
                (await OwnerAsync(scope.ServiceProvider.GetRequiredService<PlainDb>())).ShouldBe(tenant.Id.Value);
            }))));
    }

    private static Task<string> OwnerAsync(PlainDb db) => db.Orders.Select(order => order.Owner).Distinct().SingleAsync();

    private sealed class Raiser
    {
        public event EventHandler? Raised;

        public void Raise() => Raised?.Invoke(this, EventArgs.Empty);
    }
}
