using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Freehold.Core.Tests.Data;
using Freehold.Core.Tests.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Freehold.Core.Tests.Running;

/// <summary>Work for all tenants, of whom some fail, some go, and some are on a list that breaks off.</summary>
public sealed class ForEachTenantTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Ids = [.. Enumerable.Range(0, 12).Select(i => $"t-{i:00}")];

    private readonly ListStore _store = new([.. Ids.Select(id => new Tenant(id)), new Tenant("frozen") { State = TenantState.Suspended }]);
    private readonly ScopeLog _log = new();
    private readonly ServiceProvider _services;
    private readonly ConcurrentQueue<string?> _served = new();

    public ForEachTenantTests() => _services = Application.Build(services => services
        .AddMultiTenancy(tenancy => tenancy.Configure(options => options.CacheDuration = TimeSpan.Zero).UseTenantStore<ListStore>())
        .AddSingleton(_store).AddSingleton<ILoggerProvider>(_log).AddScoped<Disposal>());

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Every_active_tenant_is_served_in_itself_whoever_calls()
    {
        using var caller = TenantScope.Enter(new Tenant(Ids[3]));

        var run = await _services.ForEachTenantAsync(async (scope, _) =>
        {
            await Task.Yield();
            Serve(scope);
        });

        _served.Order().ShouldBe(Ids);
        (run.Succeeded, run.Skipped, run.Failures.Count).ShouldBe((Ids.Length, 0, 0));
        run.ThrowIfFailed();
        TenantScope.Current?.Id.Value.ShouldBe(Ids[3]);
        _store.AmbientWhileListing.ShouldBeNull();
    }

    [Fact]
    public async Task The_failure_of_one_is_its_own()
    {
        var run = await _services.ForEachTenantAsync((scope, _) =>
        {
            Serve(scope);
            return Tenants(scope).Required.Id.Value is "t-07" or "t-04" ? throw new InvalidOperationException("broken") : Task.CompletedTask;
        });

        _served.Order().ShouldBe(Ids);
        (run.Succeeded, run.Skipped).ShouldBe((Ids.Length - 2, 0));
        run.Failures.Select(failure => $"{failure.TenantId}: {failure.Exception.Message}").ShouldBe(["t-04: broken", "t-07: broken"]);
        Should.Throw<AggregateException>(run.ThrowIfFailed).Message.ShouldStartWith("The work failed for 2 of 12 tenants: t-04, t-07.");
        _log.Events.Select(one => one.Text).Order().ShouldBe(["The work for tenant t-04 failed.", "The work for tenant t-07 failed."]);
        _log.Tenants.Order().ShouldBe(["t-04", "t-07"]);
    }

    [Fact]
    public async Task A_failure_while_the_scope_is_disposed_is_the_tenants_too_and_happens_inside_it()
    {
        var run = await _services.ForEachTenantAsync((scope, _) =>
        {
            scope.GetRequiredService<Disposal>().Failing = Tenants(scope).Required.Id.Value == "t-02";
            return Task.CompletedTask;
        });

        run.Succeeded.ShouldBe(Ids.Length - 1);
        run.Failures.Single().Exception.Message.ShouldBe("disposed in t-02");
    }

    [Fact]
    public async Task Who_is_suspended_or_removed_before_its_turn_is_skipped_and_counted()
    {
        var first = new TaskCompletionSource();
        var running = _services.ForEachTenantAsync(
            async (scope, cancelled) =>
            {
                Serve(scope);
                await first.Task.WaitAsync(Patience, cancelled);
            },
            options => options.MaxParallelism = 1);

        _store.Tenants[5] = _store.Tenants[5] with { State = TenantState.Suspended };
        _store.Tenants.RemoveAt(8);
        first.SetResult();
        var run = await running;

        (run.Succeeded, run.Skipped, run.Failures.Count).ShouldBe((Ids.Length - 2, 2, 0));
        _served.ShouldBe(Ids.Except(["t-05", "t-08"]));
    }

    [Fact]
    public async Task Who_cannot_be_asked_for_is_a_failure_and_no_skip()
    {
        _store.Unavailable = "t-06";

        var run = await _services.ForEachTenantAsync((scope, _) => Task.CompletedTask);

        (run.Succeeded, run.Skipped).ShouldBe((Ids.Length - 1, 0));
        run.Failures.Single().TenantId.Value.ShouldBe("t-06");
        run.Failures.Single().Exception.ShouldBeOfType<TenantUnavailableException>();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task No_more_than_allowed_run_at_the_same_time(int parallelism)
    {
        using var full = new SemaphoreSlim(0);
        var go = new TaskCompletionSource();
        var (inside, most) = (0, 0);
        var running = _services.ForEachTenantAsync(
            async (_, cancelled) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref inside));
                full.Release();
                await go.Task.WaitAsync(Patience, cancelled);
                Interlocked.Decrement(ref inside);
            },
            options => options.MaxParallelism = parallelism);

        for (var i = 0; i < parallelism; i++)
        {
            (await full.WaitAsync(Patience)).ShouldBeTrue("as many as allowed run at the same time");
        }

        go.SetResult();
        (await running).Succeeded.ShouldBe(Ids.Length);
        most.ShouldBe(parallelism);
    }

    [Fact]
    public async Task Work_that_never_awaits_runs_at_the_same_time_too()
    {
        using var together = new Barrier(4);

        var run = await _services.ForEachTenantAsync((_, cancelled) =>
        {
            together.SignalAndWait(Patience, cancelled).ShouldBeTrue();
            return Task.CompletedTask;
        });

        run.ThrowIfFailed();
    }

    [Fact]
    public async Task Cancelling_stops_it_all()
    {
        using var cancelling = new CancellationTokenSource();
        var ended = 0;

        var running = _services.ForEachTenantAsync(
            async (scope, cancelled) =>
            {
                Serve(scope);
                if (_served.Count == 2)
                {
                    await cancelling.CancelAsync();
                }

                try
                {
                    await Task.Delay(Timeout.Infinite, cancelled);
                }
                finally
                {
                    Interlocked.Increment(ref ended);
                }
            },
            options => options.MaxParallelism = 2,
            cancelling.Token);

        await Should.ThrowAsync<OperationCanceledException>(running.WaitAsync(Patience));
        (_served.Count, ended).ShouldBe((2, 2));
        _log.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Work_that_gives_up_by_itself_has_failed_and_cancels_nothing()
    {
        var run = await _services.ForEachTenantAsync(
            (scope, _) => Tenants(scope).Required.Id.Value == "t-01" ? throw new OperationCanceledException("timed out") : Task.CompletedTask);

        run.Succeeded.ShouldBe(Ids.Length - 1);
        run.Failures.Single().TenantId.Value.ShouldBe("t-01");
    }

    [Fact]
    public async Task A_list_that_breaks_off_is_the_callers_error_after_those_on_it_were_served()
    {
        _store.ListingFailure = new InvalidOperationException("the list is broken");
        using var callers = new CancellationTokenSource();

        var failure = await Should.ThrowAsync<InvalidOperationException>(() => _services.ForEachTenantAsync(
            async (scope, token) =>
            {
                await Task.Yield();
                await _store.Broken.Task.WaitAsync(Patience, token);

                // Nobody is told to stop because the list broke off: what could tell them is the caller's own token and no other.
                token.ShouldBe(callers.Token);
                Serve(scope);
            },
            cancellationToken: callers.Token));

        failure.Message.ShouldBe("the list is broken");
        _served.Order().ShouldBe(Ids);
    }

    [Fact]
    public async Task A_list_that_gives_up_by_itself_is_not_taken_for_the_callers_wish()
    {
        _store.ListingFailure = new OperationCanceledException("the store's own");

        await Should.ThrowAsync<TimeoutException>(() => _services.ForEachTenantAsync((_, _) => Task.CompletedTask));
    }

    [Fact]
    public async Task A_store_that_is_busy_while_it_lists_is_not_waited_for_for_ever()
    {
        _store.HoldsItsOnlyConnectionWhileListing = true;

        var run = await _services.ForEachTenantAsync((scope, _) => Task.CompletedTask, options => options.MaxParallelism = 1).WaitAsync(Patience);

        run.Succeeded.ShouldBe(Ids.Length);
    }

    [Fact]
    public async Task A_run_within_a_run_ends()
    {
        var inner = 0;

        var run = await _services.ForEachTenantAsync(
            async (scope, cancelled) => Interlocked.Add(
                ref inner, (await scope.ForEachTenantAsync((_, _) => Task.CompletedTask, options => options.MaxParallelism = 1, cancelled)).Succeeded),
            options => options.MaxParallelism = 2).WaitAsync(Patience);

        run.ThrowIfFailed();
        inner.ShouldBe(Ids.Length * Ids.Length);
    }

    [Fact]
    public async Task Less_than_one_at_a_time_is_refused()
    {
        var failure = await Should.ThrowAsync<MultiTenancyConfigurationException>(
            () => _services.ForEachTenantAsync((_, _) => Task.CompletedTask, options => options.MaxParallelism = 0));

        failure.Message.ShouldBe("ForEachTenantOptions.MaxParallelism is 0; it must be at least 1.");
    }

    [Fact]
    public async Task Each_tenant_is_an_activity_where_somebody_listens()
    {
        var stopped = new ConcurrentQueue<Activity>();
        var caller = new Activity("caller").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TenantTelemetry.ActivitySource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == caller.TraceId)
                {
                    stopped.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        await _services.ForEachTenantAsync((scope, _) => Tenants(scope).Required.Id.Value == "t-01" ? throw new InvalidOperationException("secret") : Task.CompletedTask);
        caller.Stop();

        stopped.Select(activity => $"{activity.OperationName} {activity.GetTagItem("tenant.id")}").Order().ShouldBe(Ids.Select(id => $"ForTenant {id}"));
        stopped.Single(activity => activity.Status == ActivityStatusCode.Error).StatusDescription.ShouldBe(nameof(InvalidOperationException));
    }

    [Fact]
    public async Task Contexts_are_the_tenants_own()
    {
        await using var world = await TenantWorld.SchemasAsync(tenants: 12, maxPoolSize: 2);

        var run = await world.Services.ForEachTenantAsync(async (scope, cancelled) =>
        {
            await foreach (var owner in scope.GetRequiredService<ShopDb>().Orders.Select(order => order.Owner).AsAsyncEnumerable().WithCancellation(cancelled))
            {
                owner.ShouldBe(Tenants(scope).Required.Id.Value);
                _served.Enqueue(owner);
            }
        });

        run.ThrowIfFailed();
        _served.Order().ShouldBe(world.Tenants.SelectMany(tenant => Enumerable.Repeat(tenant.Id.Value, 3)));
    }

    private static ITenantContext Tenants(IServiceProvider services) => services.GetRequiredService<ITenantContext>();

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = most; now > seen; seen = most)
        {
            Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private void Serve(IServiceProvider scope) => _served.Enqueue(Tenants(scope).Current?.Id.Value);

    private sealed class Disposal(ITenantContext tenants) : IDisposable
    {
        public bool Failing { get; set; }

        public void Dispose()
        {
            if (Failing)
            {
                throw new InvalidOperationException($"disposed in {tenants.Current?.Id.Value}");
            }
        }
    }

    private sealed class ListStore(List<Tenant> tenants) : ITenantStore, IDisposable
    {
        private readonly SemaphoreSlim _connection = new(1);

        public List<Tenant> Tenants => tenants;

        public string? Unavailable { get; set; }

        public Exception? ListingFailure { get; set; }

        public bool HoldsItsOnlyConnectionWhileListing { get; set; }

        public Tenant? AmbientWhileListing { get; private set; }

        public TaskCompletionSource Broken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default)
        {
            await _connection.WaitAsync(cancellationToken);
            _connection.Release();
            return id.Value == Unavailable ? throw new InvalidOperationException("down") : tenants.FirstOrDefault(tenant => tenant.Id == id);
        }

        public void Dispose() => _connection.Dispose();

        public async IAsyncEnumerable<Tenant> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            AmbientWhileListing = TenantScope.Current;
            if (HoldsItsOnlyConnectionWhileListing)
            {
                await _connection.WaitAsync(cancellationToken);
            }

            try
            {
                foreach (var tenant in tenants.ToArray())
                {
                    if (HoldsItsOnlyConnectionWhileListing)
                    {
                        await Task.Yield();
                    }

                    yield return tenant;
                }

                if (ListingFailure is not null)
                {
                    Broken.SetResult();
                    throw ListingFailure;
                }
            }
            finally
            {
                if (HoldsItsOnlyConnectionWhileListing)
                {
                    _connection.Release();
                }
            }
        }
    }
}
