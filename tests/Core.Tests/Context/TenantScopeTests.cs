using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Context;

/// <summary>Who is current, in every order of entering, leaving and flowing.</summary>
public sealed class TenantScopeTests
{
    private static readonly Tenant A = new("a1");
    private static readonly Tenant B = new("b1");
    private static readonly Tenant C = new("c1");

    private static string? Current => TenantScope.Current?.Id.Value;

    [Fact]
    public void Leaving_restores_what_was_there_before()
    {
        using (TenantScope.Enter(A))
        {
            using (TenantScope.Enter(B))
            {
                using (TenantScope.EnterNone())
                {
                    Current.ShouldBeNull();
                }

                Current.ShouldBe("b1");
            }

            Current.ShouldBe("a1");
        }

        Current.ShouldBeNull();
    }

    [Fact]
    public void Scopes_left_in_the_other_order_do_not_come_back()
    {
        var a = TenantScope.Enter(A);
        var b = TenantScope.Enter(B);
        a.Dispose();
        Current.ShouldBe("b1");
        b.Dispose();
        Current.ShouldBeNull();
    }

    [Fact]
    public void A_scope_left_twice_does_not_restore_twice()
    {
        var a = TenantScope.Enter(A);
        a.Dispose();
        using var b = TenantScope.Enter(B);
        a.Dispose();
        Current.ShouldBe("b1");
    }

    [Fact]
    public async Task A_task_started_inside_keeps_its_tenant_after_the_scope_was_left_and_never_sees_the_one_around_it()
    {
        var left = new TaskCompletionSource();
        Task<(string?, string?)> started;
        using (TenantScope.Enter(A))
        {
            using (TenantScope.Enter(B))
            {
                started = Task.Run(async () =>
                {
                    await left.Task;
                    var before = Current;
                    using (TenantScope.Enter(C))
                    {
                    }

                    return (before, Current);
                });
            }

            left.SetResult();
            (await started).ShouldBe(("b1", "b1"));
            Current.ShouldBe("a1");
        }
    }

    [Fact]
    public async Task What_an_async_method_enters_is_invisible_to_its_caller()
    {
        await EnterAndForgetAsync();
        Current.ShouldBeNull();

        static async Task EnterAndForgetAsync()
        {
            _ = TenantScope.Enter(A);
            await Task.Yield();
            Current.ShouldBe("a1");
        }
    }

    [Fact]
    public async Task Interleaved_flows_see_their_own_tenants()
    {
        var barrier = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < 50; round++)
                {
                    using var scope = TenantScope.Enter(new Tenant($"t{i}-{round}"));
                    barrier.SignalAndWait();
                    Current.ShouldBe($"t{i}-{round}");
                }

                Current.ShouldBeNull();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    [Fact]
    public async Task Suppressed_flow_has_no_tenant_rather_than_another_one()
    {
        using var scope = TenantScope.Enter(A);
        Task<string?> started;
        using (ExecutionContext.SuppressFlow())
        {
            started = Task.Run(() => Current);
        }

        (await started).ShouldBeNull();
        (await Task.Run(() => Current)).ShouldBe("a1");
    }

    [Fact]
    public void The_context_reads_the_ambient_tenant_or_says_that_there_is_none()
    {
        using var services = new ServiceCollection().AddMultiTenancy(tenancy => tenancy.UseTenants(A)).BuildServiceProvider();
        var context = services.GetRequiredService<ITenantContext>();
        Should.Throw<TenantMissingException>(() => context.Required).Code.ShouldBe("TENANT_MISSING");
        using var scope = TenantScope.Enter(A);
        context.Required.ShouldBe(A);
    }
}
