using Freehold.Core.Data.Budget;

namespace Freehold.Core.Tests.Budget;

/// <summary>Work that has a connection and wants another one does not wait for itself, and takes no more from the others than that.</summary>
public sealed class NestingTests
{
    [Fact]
    public async Task Work_that_holds_the_only_connection_gets_another_one_from_the_reserve()
    {
        var house = new House(perServer: 1, reserve: 1);
        using var scope = TenantScope.Enter(House.Noisy);
        using var outer = await house.Server.TakeAsync(House.Noisy, house.Patience);
        using var inner = await house.Server.TakeAsync(House.Noisy, house.Patience);
        house.Server.InUse.ShouldBe(2);
    }

    [Fact]
    public async Task The_same_for_another_tenant_inside_and_without_any_queue()
    {
        var house = new House(perServer: 1, reserve: 1, configure: limits => limits.QueuePerTenant = 0);
        using var scope = TenantScope.Enter(House.Noisy);
        using var outer = await house.Server.TakeAsync(House.Noisy, house.Patience);
        using var inside = TenantScope.Enter(House.Quiet);
        using var inner = await house.Server.TakeAsync(House.Quiet, house.Patience);
    }

    [Fact]
    public async Task Work_that_left_the_scope_in_which_it_took_the_first_is_still_the_same_work()
    {
        var house = new House(perServer: 1, reserve: 1);
        using var scope = TenantScope.EnterNone();
        ConnectionPermit outer;
        using (TenantScope.Enter(House.Noisy))
        {
            outer = await house.Server.TakeAsync(House.Noisy, house.Patience);
        }

        (await house.Server.TakeAsync(null, house.Patience)).Dispose();
        outer.Dispose();
    }

    [Fact]
    public async Task Work_at_its_tenants_limit_passes_that_limit_only()
    {
        var house = new House(perServer: 5, perTenant: 1, reserve: 1);
        using var scope = TenantScope.Enter(House.Noisy);
        using var outer = await house.Server.TakeAsync(House.Noisy, house.Patience);
        using var inner = await house.Server.TakeAsync(House.Noisy, house.Patience);
        house.AskAsync(House.Noisy).IsCompleted.ShouldBeFalse();
        (await house.AskAsync(House.Quiet)).Dispose();
    }

    [Fact]
    public async Task Many_that_all_wait_for_each_other_are_let_pass_one_by_one()
    {
        var house = new House(perServer: 3, reserve: 1);
        var everybodyHolds = new TaskCompletionSource();
        var holding = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(async () =>
        {
            using var scope = TenantScope.Enter(i == 0 ? House.Noisy : House.Quiet);
            using var outer = await house.Server.TakeAsync(House.Noisy, house.Patience);
            if (Interlocked.Increment(ref holding) == 3)
            {
                everybodyHolds.SetResult();
            }

            await everybodyHolds.Task;
            using var inner = await house.Server.TakeAsync(House.Quiet, house.Patience);
            InterlockedMax(ref most, house.Server.InUse);
        })));
        most.ShouldBe(4);
        house.Server.InUse.ShouldBe(0);
    }

    [Fact]
    public async Task Work_that_waits_across_two_servers_is_not_stuck_either()
    {
        var house = new House(perServer: 1, reserve: 1);
        var bothHold = new TaskCompletionSource();
        var holding = 0;
        await Task.WhenAll(CrossAsync(house.Server, house.Other), CrossAsync(house.Other, house.Server));

        async Task CrossAsync(ServerBudget first, ServerBudget second)
        {
            using var scope = TenantScope.Enter(House.Noisy);
            using var outer = await first.TakeAsync(House.Noisy, house.Patience);
            if (++holding == 2)
            {
                bothHold.SetResult();
            }

            await bothHold.Task;
            using var inner = await second.TakeAsync(House.Noisy, house.Patience);
        }
    }

    [Fact]
    public async Task As_long_as_somebody_elses_connection_may_become_free_the_reserve_is_not_touched()
    {
        var house = new House(perServer: 2, reserve: 5);
        var running = await house.AskAsync(House.Quiet);
        using var scope = TenantScope.Enter(House.Noisy);
        using var outer = await house.Server.TakeAsync(House.Noisy, house.Patience);
        var inner = house.Server.TakeAsync(House.Noisy, house.Patience).AsTask();
        inner.IsCompleted.ShouldBeFalse();

        // It comes before the others of its tenant, because two connections become free when it is done.
        var later = house.AskAsync(House.Noisy);
        running.Dispose();
        (await inner).Dispose();
        (await later).Dispose();
    }

    [Fact]
    public async Task Separate_work_never_gets_the_reserve()
    {
        var house = new House(perServer: 2, reserve: 5);
        await house.FillAsync(House.Noisy, 2);
        house.Queue(House.Noisy, 50).ShouldAllBe(caller => !caller.IsCompleted);
        house.Queue(House.Quiet, 50).ShouldAllBe(caller => !caller.IsCompleted);
        house.Server.InUse.ShouldBe(2);
    }

    [Fact]
    public async Task One_piece_of_work_that_fans_out_takes_the_reserve_and_no_more()
    {
        var house = new House(perServer: 2, reserve: 1);
        using var scope = TenantScope.Enter(House.Noisy);
        var siblings = Enumerable.Range(0, 20).Select(_ => house.Server.TakeAsync(House.Noisy, house.Patience).AsTask()).ToList();
        siblings.Count(sibling => sibling.IsCompleted).ShouldBe(3);
        while (siblings.Count > 0)
        {
            house.Server.InUse.ShouldBeLessThanOrEqualTo(3);
            var next = await Task.WhenAny(siblings);
            siblings.Remove(next);
            (await next).Dispose();
        }

        house.Server.InUse.ShouldBe(0);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
