using Freehold.Core.Tests.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Core.Tests.Audit;

public sealed class AdminScopeTests : IAsyncLifetime
{
    private const string Reason = "Ticket 4711";

    private readonly AuditLog _audit = new();
    private TenantWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await TenantWorld.SchemasAsync(configure: tenancy => tenancy.Services.AddSingleton<ITenantAuditSink>(_audit));

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    [InlineData(null)]
    public void It_needs_a_reason(string? reason)
    {
        Should.Throw<ArgumentException>(() => AdminScope.Enter(_world.Services, reason!));
        _audit.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task Inside_it_a_context_of_another_tenant_is_made_and_used_and_each_crossing_is_recorded_once()
    {
        using var entered = TenantScope.Enter(_world.B);
        using (AdminScope.Enter(_world.Services, Reason))
        {
            await using var other = _world.Factory<ShopDb>().Create(_world.A);
            (await OwnersAsync(other)).ShouldBe(["t-00"]);
            (await OwnersAsync(other)).ShouldBe(["t-00"]);
            other.Add(new Order { Owner = "t-00" });
            (await other.SaveChangesAsync()).ShouldBe(1);
        }

        _audit.Events.Select(e => (e.Kind, e.Outcome, e.TenantId, e.OtherTenantId, e.Reason)).ShouldBe([
            (TenantAuditKind.AdminScopeEntered, TenantAuditOutcome.Allowed, "t-01", null, Reason),
            (TenantAuditKind.ContextCrossed, TenantAuditOutcome.Allowed, "t-01", "t-00", Reason),
            (TenantAuditKind.ContextCrossed, TenantAuditOutcome.Allowed, "t-01", "t-00", Reason),
        ]);
        (await _world.OwnersAsync(_world.B)).ShouldBe("t-01=3");
    }

    [Fact]
    public async Task It_changes_no_tenant_and_the_current_ones_context_sees_its_own()
    {
        using var entered = TenantScope.Enter(_world.B);
        using var admin = AdminScope.Enter(_world.Services, Reason);
        _world.Services.GetRequiredService<ITenantContext>().Required.ShouldBe(_world.B);
        await using var scope = _world.Services.CreateAsyncScope();
        (await OwnersAsync(scope.ServiceProvider.GetRequiredService<ShopDb>())).ShouldBe(["t-01"]);
    }

    [Fact]
    public async Task Outside_it_the_same_is_refused_and_recorded()
    {
        await using var other = _world.Factory<ShopDb>().Create(_world.A);
        using var entered = TenantScope.Enter(_world.B);
        using (AdminScope.Enter(_world.Services, Reason))
        {
            await other.Orders.CountAsync();
        }

        _audit.Take();
        await Should.ThrowAsync<TenantMismatchException>(() => other.Orders.CountAsync());
        Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.A));
        _audit.Take().Select(e => (e.Kind, e.Outcome, e.TenantId, e.OtherTenantId, e.Reason)).ShouldBe(
            Enumerable.Repeat((TenantAuditKind.ContextCrossed, TenantAuditOutcome.Refused, (string?)"t-01", (string?)"t-00", (string?)null), 2));
    }

    [Fact]
    public async Task It_is_its_flows_alone()
    {
        using var entered = TenantScope.Enter(_world.B);
        var inside = new TaskCompletionSource();
        var checkedOther = new TaskCompletionSource();
        var administrator = Task.Run(async () =>
        {
            using var admin = AdminScope.Enter(_world.Services, Reason);
            inside.SetResult();
            await checkedOther.Task;
            await using var other = _world.Factory<ShopDb>().Create(_world.A);
            return await OwnersAsync(other);
        });
        await inside.Task;
        Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.A));
        await Task.Run(() => Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.A)));
        checkedOther.SetResult();
        (await administrator).ShouldBe(["t-00"]);
    }

    [Fact]
    public async Task What_was_started_inside_loses_it_when_it_is_left()
    {
        using var entered = TenantScope.Enter(_world.B);
        var crossed = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        Task<Exception> late;
        using (AdminScope.Enter(_world.Services, Reason))
        {
            late = Task.Run(async () =>
            {
                (await Task.Run(() => _world.Factory<ShopDb>().Create(_world.A))).Dispose();
                crossed.SetResult();
                await left.Task;
                return (Exception)Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.A));
            });
            await crossed.Task;
        }

        left.SetResult();
        (await late).ShouldNotBeNull();
    }

    [Fact]
    public void A_tenant_entered_inside_is_not_part_of_it()
    {
        using var admin = AdminScope.Enter(_world.Services, Reason);
        using (TenantScope.Enter(_world.B))
        {
            Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.A));
            using (AdminScope.Enter(_world.Services, "nested"))
            {
                _world.Factory<ShopDb>().Create(_world.A).Dispose();
            }

            Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.A));
        }
    }

    [Fact]
    public void Left_twice_or_out_of_order_it_is_left_and_the_tenant_stays()
    {
        using var entered = TenantScope.Enter(_world.B);
        var outer = AdminScope.Enter(_world.Services, "outer");
        var inner = AdminScope.Enter(_world.Services, "inner");
        outer.Dispose();
        outer.Dispose();
        _world.Factory<ShopDb>().Create(_world.A).Dispose();
        _audit.Events[^1].Reason.ShouldBe("inner");
        inner.Dispose();
        TenantScope.Current.ShouldBe(_world.B);
        Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.A));
    }

    [Fact]
    public async Task What_cannot_be_recorded_does_not_happen_and_a_refusal_stands()
    {
        using var entered = TenantScope.Enter(_world.B);
        using var admin = AdminScope.Enter(_world.Services, Reason);
        await using var before = _world.Factory<ShopDb>().Create(_world.A);
        _audit.Fails = true;
        Should.Throw<InvalidOperationException>(() => _world.Factory<ShopDb>().Create(_world.A));
        await Should.ThrowAsync<InvalidOperationException>(() => before.Orders.CountAsync());
        Should.Throw<InvalidOperationException>(() => AdminScope.Enter(_world.Services, Reason));
        admin.Dispose();
        Should.Throw<TenantMismatchException>(() => _world.Factory<ShopDb>().Create(_world.A));
    }

    private static Task<List<string>> OwnersAsync(ShopDb db) => db.Orders.Select(order => order.Owner).Distinct().ToListAsync();
}
