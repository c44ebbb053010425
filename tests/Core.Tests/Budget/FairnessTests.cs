using Freehold.Core.Data.Budget;

namespace Freehold.Core.Tests.Budget;

/// <summary>Who gets the next connection, and who is told that there is none.</summary>
public sealed class FairnessTests
{
    [Fact]
    public async Task Tenants_take_turns_whatever_the_length_of_their_queues()
    {
        var house = new House(perServer: 1);
        var permit = (await house.FillAsync(House.Noisy, 1))[0];
        var noisy = house.Queue(House.Noisy, 500);
        var quiet = house.Queue(House.Quiet, 2);
        var given = new HashSet<Task>();

        permit.Dispose();
        var served = "";
        for (var turn = 0; turn < 6; turn++)
        {
            // Whose it is was decided by the call that gave the last one back.
            var next = await Task.WhenAny(noisy.Concat(quiet).Where(caller => !given.Contains(caller)));
            given.Add(next);
            served += quiet.Contains(next) ? "q" : "n";
            (await next).Dispose();
        }

        served.ShouldBe("qnqnnn");
    }

    [Fact]
    public async Task Callers_of_one_tenant_are_served_in_the_order_they_came()
    {
        var house = new House(perServer: 1);
        var permit = (await house.FillAsync(House.Noisy, 1))[0];
        foreach (var caller in house.Queue(House.Noisy, 20))
        {
            caller.IsCompleted.ShouldBeFalse();
            permit.Dispose();
            permit = await caller;
        }
    }

    [Fact]
    public async Task A_tenant_at_its_limit_waits_while_others_do_not()
    {
        var house = new House(perServer: 4, perTenant: 3);
        var permits = await house.FillAsync(House.Noisy, 3);
        var noisy = house.Queue(House.Noisy, 10);
        var quiet = await house.AskAsync(House.Quiet);

        quiet.Dispose();
        noisy.ShouldAllBe(caller => !caller.IsCompleted);
        permits[0].Dispose();
        await noisy[0];
        noisy.Count(caller => caller.IsCompleted).ShouldBe(1);
        house.Server.InUse.ShouldBe(3);
    }

    [Fact]
    public async Task The_shared_tables_have_a_turn_and_no_limit_of_their_own()
    {
        var house = new House(perServer: 3, perTenant: 1);
        var shared = new[] { await house.AskAsync(null), await house.AskAsync(null), await house.AskAsync(null) };
        var noisy = house.Queue(House.Noisy, 5);
        var more = house.AskAsync(null);
        shared[0].Dispose();
        await noisy[0];
        shared[1].Dispose();
        await more;
    }

    [Fact]
    public async Task A_full_queue_of_one_tenant_refuses_that_tenant_and_nobody_else()
    {
        var house = new House(perServer: 2, perTenant: 1, configure: limits => limits.QueuePerTenant = 2);
        await house.FillAsync(House.Noisy, 1);
        var noisy = house.Queue(House.Noisy, 2);

        var refusal = await Should.ThrowAsync<TenantBusyException>(() => house.AskAsync(House.Noisy));
        refusal.Code.ShouldBe("TENANT_BUSY");
        refusal.IsRetryable.ShouldBeTrue();
        refusal.TenantId.ShouldBe("noisy");
        refusal.Message.ShouldContain("its 1 connections to server 'default' are in use (ConnectionLimitOptions.PerTenant)");
        refusal.Message.ShouldContain("2 of its callers wait for one already (ConnectionLimitOptions.QueuePerTenant)");
        await house.AskAsync(House.Quiet);
        noisy.ShouldAllBe(caller => !caller.IsCompleted);
        house.Server.Waiting.ShouldBe(2);
    }

    [Fact]
    public async Task Where_the_server_is_full_the_refusal_says_so()
    {
        var house = new House(perServer: 1, configure: limits => limits.QueuePerTenant = 0);
        await house.FillAsync(House.Noisy, 1);

        var refusal = await Should.ThrowAsync<TenantUnavailableException>(() => house.AskAsync(House.Quiet));
        refusal.Message.ShouldContain("'quiet'");
        refusal.Message.ShouldContain("all 1 connections to server 'default' are in use (ConnectionLimitOptions.PerServer)");
        refusal.Message.ShouldContain("QueuePerTenant is 0");
        var shared = await Should.ThrowAsync<TenantUnavailableException>(() => house.AskAsync(null));
        shared.TenantId.ShouldBeNull();
        shared.Message.ShouldStartWith("The shared tables");
    }

    [Fact]
    public async Task A_full_queue_of_the_server_refuses_whoever_comes_next()
    {
        var house = new House(perServer: 1, configure: limits => limits.QueuePerServer = 3);
        await house.FillAsync(House.Noisy, 1);
        house.Queue(House.Noisy, 3);
        var refusal = await Should.ThrowAsync<TenantUnavailableException>(() => house.AskAsync(House.Quiet));
        refusal.Message.ShouldContain("3 callers of all tenants wait for one already (ConnectionLimitOptions.QueuePerServer)");
    }

    [Fact]
    public async Task Nobody_waits_longer_than_the_limit_and_the_next_in_the_queue_is_not_held_up()
    {
        var house = new House(perServer: 1, configure: limits => limits.WaitLimit = TimeSpan.FromSeconds(10));
        var permit = (await house.FillAsync(House.Noisy, 1))[0];
        var early = house.AskAsync(House.Quiet);
        house.Time.Pass(TimeSpan.FromSeconds(6));
        var late = house.AskAsync(House.Quiet);
        house.Time.Pass(TimeSpan.FromSeconds(5));

        var refusal = await Should.ThrowAsync<TenantUnavailableException>(() => early);
        refusal.Message.ShouldContain("none became free in 00:00:10 (ConnectionLimitOptions.WaitLimit)");
        late.IsCompleted.ShouldBeFalse();
        permit.Dispose();
        (await late).Dispose();
        house.Server.InUse.ShouldBe(0);
        house.Server.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_tenant_whose_own_limit_held_it_up_too_long_is_busy()
    {
        var house = new House(perServer: 2, perTenant: 1);
        await house.FillAsync(House.Noisy, 1);
        var waiting = house.AskAsync(House.Noisy);
        house.Time.Pass(TimeSpan.FromSeconds(15));
        (await Should.ThrowAsync<TenantBusyException>(() => waiting)).Message.ShouldContain("PerTenant");
    }

    [Fact]
    public async Task Whoever_gives_up_leaves_the_queue()
    {
        var house = new House(perServer: 1);
        var permit = (await house.FillAsync(House.Noisy, 1))[0];
        using var cancelling = new CancellationTokenSource();
        var gone = house.AskAsync(House.Quiet, cancelling.Token);
        var next = house.AskAsync(House.Quiet);
        await cancelling.CancelAsync();

        (await Should.ThrowAsync<OperationCanceledException>(() => gone)).CancellationToken.ShouldBe(cancelling.Token);
        permit.Dispose();
        (await next).Dispose();
        await Should.ThrowAsync<OperationCanceledException>(() => house.AskAsync(House.Quiet, cancelling.Token));
        house.Server.InUse.ShouldBe(0);
    }

    [Fact]
    public async Task A_permit_that_is_given_back_twice_is_given_back_once()
    {
        var house = new House(perServer: 1);
        var first = await house.AskAsync(House.Noisy);
        first.Dispose();
        var second = await house.AskAsync(House.Quiet);
        first.Dispose();
        house.Server.InUse.ShouldBe(1);
        house.AskAsync(House.Noisy).IsCompleted.ShouldBeFalse();
        second.Dispose();
    }

    [Fact]
    public async Task Under_any_traffic_limits_hold_and_in_the_end_nothing_is_left()
    {
        var house = new House(perServer: 5, perTenant: 2);
        Tenant[] tenants = [.. Enumerable.Range(0, 4).Select(i => new Tenant($"t-{i}"))];
        var most = new int[tenants.Length];
        var inUse = new int[tenants.Length];
        var total = 0;
        var over = 0;
        await Parallel.ForAsync(0, 4_000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            using var giveUp = new CancellationTokenSource();
            var asking = house.AskAsync(tenants[i % 4], giveUp.Token);
            if (i % 7 == 0)
            {
                await giveUp.CancelAsync();
            }

            ConnectionPermit permit;
            try
            {
                permit = await asking;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (Interlocked.Increment(ref total) > 5 | Interlocked.Increment(ref inUse[i % 4]) > 2)
            {
                Interlocked.Increment(ref over);
            }

            await Task.Yield();
            Interlocked.Decrement(ref inUse[i % 4]);
            Interlocked.Decrement(ref total);
            permit.Dispose();
        });

        over.ShouldBe(0);
        house.Server.InUse.ShouldBe(0);
        house.Server.Waiting.ShouldBe(0);
    }
}
