using System.Collections.Concurrent;
using Freehold.Operations.Tests.Models;
using Microsoft.Extensions.DependencyInjection;
using static Freehold.Operations.Tests.OperationsTests;

namespace Freehold.Operations.Tests;

/// <summary>Other work than migrations, tenant by tenant.</summary>
public class WorkTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_that_was_interrupted_is_continued_and_not_repeated()
    {
        await using var fleet = await SchemasAsync(6, tenancy => tenancy.AddDbContext<ShopDb>());
        var done = new ConcurrentQueue<string>();
        var isBroken = true;

        var first = await RunAsync();
        isBroken = false;
        (await fleet.Operations.PlanAsync("count the parts", cancellationToken: Cancelled)).Tenants.Select(tenant => tenant.Id.Value).ShouldBe(["t2", "t4"]);
        var second = await RunAsync();
        var third = await RunAsync();

        first.Of(TenantOutcomeKind.Failed).Select(outcome => outcome.Tenant.Id.Value).ShouldBe(["t2", "t4"]);
        second.IsComplete.ShouldBeTrue();
        second.Of(TenantOutcomeKind.NothingToDo).Count().ShouldBe(4);
        third.Of(TenantOutcomeKind.Succeeded).Count().ShouldBe(6, "the run was over, so this is another one");
        done.Take(6).Order().ShouldBe(["t0", "t1", "t2", "t3", "t4", "t5"]);

        async Task<TenantOperationResult> RunAsync() => await fleet.Operations.RunAsync(
            await fleet.Operations.PlanAsync("count the parts", cancellationToken: Cancelled),
            (tenant, services, _) =>
            {
                services.GetRequiredService<ITenantContext>().Current!.Id.ShouldBe(tenant.Id);
                if (isBroken && (tenant.Id.Value is "t2" or "t4"))
                {
                    throw new InvalidOperationException("no parts");
                }

                done.Enqueue(tenant.Id.Value);
                return Task.CompletedTask;
            },
            cancellationToken: Cancelled);
    }

    [Fact]
    public async Task The_journal_keeps_no_secrets_of_an_error_and_can_keep_any_error()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<ShopDb>());

        await fleet.Operations.RunAsync(
            await fleet.Operations.PlanAsync("tell", cancellationToken: Cancelled),
            (_, _, _) => throw new InvalidOperationException("no way with Host=db;Password=hunter2;\0 nor postgres://app:hunter2@db/shop"),
            cancellationToken: Cancelled);

        (await fleet.SqlAsync("t0", "SELECT error FROM freehold_operations.run_outcomes")).ShouldBe("no way with Host=db;Password=***; nor postgres://app=***@db/shop");
    }

    [Fact]
    public async Task Two_runs_of_one_name_at_once_share_the_tenants()
    {
        await using var fleet = await SchemasAsync(12, tenancy => tenancy.AddDbContext<ShopDb>());
        var done = new ConcurrentQueue<string>();
        var plan = await fleet.Operations.PlanAsync("shared", cancellationToken: Cancelled);
        var both = new Barrier(2);

        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => fleet.Operations.RunAsync(
            plan,
            (tenant, _, _) =>
            {
                done.Enqueue(tenant.Id.Value);
                return Task.CompletedTask;
            },
            new() { BeforeTenant = (tenant, _) => tenant.Id.Value == "t0" ? Task.Run(() => both.SignalAndWait(TimeSpan.FromSeconds(30))) : Task.CompletedTask },
            Cancelled))));

        results.ShouldAllBe(result => result.IsComplete);
        done.Order().ShouldBe(plan.Tenants.Select(tenant => tenant.Id.Value).Order());
    }

    [Fact]
    public async Task What_is_done_for_a_tenant_is_recorded_before_another_run_may_begin_it()
    {
        await using var fleet = await SchemasAsync(1, tenancy => tenancy.AddDbContext<ShopDb>());
        var plan = await fleet.Operations.PlanAsync("shared", cancellationToken: Cancelled);
        var done = 0;

        await fleet.Operations.RunAsync(plan, WorkAsync, new() { AfterTenant = (_, _) => fleet.Operations.RunAsync(plan, WorkAsync, cancellationToken: Cancelled) }, Cancelled);

        done.ShouldBe(1);

        Task WorkAsync(Tenant tenant, IServiceProvider services, CancellationToken cancellationToken)
        {
            done++;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_run_with_a_tenant_that_always_fails_is_ended_by_abandoning_it_and_the_next_one_begins_anew()
    {
        await using var fleet = await SchemasAsync(3, tenancy => tenancy.AddDbContext<ShopDb>());
        (await fleet.Operations.AbandonAsync("stubborn", Cancelled)).ShouldBeFalse();
        await fleet.Operations.RunAsync(await PlanAsync(), (tenant, _, _) => tenant.Id.Value == "t1" ? throw new InvalidOperationException("never") : Task.CompletedTask, cancellationToken: Cancelled);
        (await PlanAsync()).Tenants.ShouldHaveSingleItem().Id.Value.ShouldBe("t1");

        (await fleet.Operations.AbandonAsync("stubborn", Cancelled)).ShouldBeTrue();

        (await PlanAsync()).Tenants.Count.ShouldBe(3);
        (await fleet.Operations.AbandonAsync("stubborn", Cancelled)).ShouldBeFalse();

        Task<TenantOperationPlan> PlanAsync() => fleet.Operations.PlanAsync("stubborn", cancellationToken: Cancelled);
    }
}
