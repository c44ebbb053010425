using System.Linq.Expressions;
using System.Threading.Channels;
using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed record CartChanged(Guid Cart);

[AllowNoTenant]
public sealed record ClockStruck(Guid Cart);

public sealed class CartState : SagaStateMachineInstance, ITenantSaga
{
    public Guid CorrelationId { get; set; }

    public string? TenantId { get; set; }

    public string? CurrentState { get; set; }
}

public sealed class PlainCartState : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string? CurrentState { get; set; }
}

/// <summary>Writes down whose event drove whose instance.</summary>
public sealed class CartMachine<T> : MassTransitStateMachine<T> where T : class, SagaStateMachineInstance
{
    public CartMachine(ITenantContext tenants, ChannelWriter<string> seen)
    {
        InstanceState(CurrentState);
        Event(() => Changed, changed => changed.CorrelateById(context => context.Message.Cart));
        Event(() => Struck, struck => struck.CorrelateById(context => context.Message.Cart));
        Initially(When(Changed).ThenAsync(WriteAsync).TransitionTo(Open));
        During(Open, When(Changed).ThenAsync(WriteAsync), When(Struck).ThenAsync(WriteAsync));

        async Task WriteAsync(BehaviorContext<T> context) =>
            await seen.WriteAsync($"{(context.Saga as ITenantSaga)?.TenantId} by {tenants.Current?.Id.Value}");
    }

    public Event<CartChanged> Changed { get; private set; } = null!;

    public Event<ClockStruck> Struck { get; private set; } = null!;

    public State Open { get; private set; } = null!;

    private static Expression<Func<T, string?>> CurrentState
    {
        get
        {
            var saga = Expression.Parameter(typeof(T));
            return Expression.Lambda<Func<T, string?>>(
                Expression.Property(saga, nameof(CartState.CurrentState)), saga);
        }
    }
}

/// <summary>Correlation ids are the same for all tenants.</summary>
public sealed class SagaTests
{
    private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task An_instance_is_not_driven_by_another_tenant_nor_by_nobody_and_they_are_not_retried()
    {
        await using var host = await OpenAsync<CartState>();
        var cart = Guid.NewGuid();

        await ChangeAsync(host, "acme", cart);
        (await ReadAsync()).ShouldBe("acme by acme");
        var foreign = await host.Deliveries.Of(await ChangeAsync(host, "globex", cart)).CompletedAsync();
        var strike = Guid.NewGuid();
        await host.Bus.Publish(new ClockStruck(cart), context => context.MessageId = strike, TestContext.Current.CancellationToken);
        var nobody = await host.Deliveries.Of(strike).CompletedAsync();
        await ChangeAsync(host, "acme", cart);

        foreach (var refused in new[] { foreign, nobody })
        {
            refused.Fault.ShouldBeOfType<TenantMismatchException>().TenantId.ShouldBe("acme");
            refused.Attempts.ShouldBe(1);
        }

        (await ReadAsync()).ShouldBe("acme by acme");
        _seen.Reader.TryRead(out var other).ShouldBeFalse(other);
    }

    [Fact]
    public async Task A_saga_that_does_not_keep_its_tenant_is_found_at_start_up()
    {
        var failure = await Should.ThrowAsync<Exception>(OpenAsync<PlainCartState>());

        failure.GetBaseException().ShouldBeOfType<MultiTenancyConfigurationException>().Message.ShouldContain(typeof(PlainCartState).FullName!);
    }

    [Fact]
    public async Task A_saga_that_the_options_share_is_driven_by_all()
    {
        await using var host = await OpenAsync<PlainCartState>(options => options.AllowSharedSaga<PlainCartState>());
        var cart = Guid.NewGuid();

        await ChangeAsync(host, "acme", cart);
        (await ReadAsync()).ShouldBe(" by acme");
        await ChangeAsync(host, "globex", cart);

        (await ReadAsync()).ShouldBe(" by globex");
    }

    private Task<BusHost> OpenAsync<T>(Action<MassTransitMultiTenancyOptions>? options = null) where T : class, SagaStateMachineInstance =>
        BusHost.StartAsync(
            Wire.InMemory,
            services =>
            {
                Shop.AddShop(services);
                services.AddSingleton(_seen.Writer);
            },
            buses => buses.AddSagaStateMachine<CartMachine<T>, T>().InMemoryRepository(),
            options: options);

    private static async Task<Guid> ChangeAsync(BusHost host, string tenant, Guid cart)
    {
        var message = Guid.NewGuid();
        using var scope = Shop.Enter(tenant);
        await host.Bus.Publish(new CartChanged(cart), context => context.MessageId = message);
        return message;
    }

    private async Task<string> ReadAsync() => await _seen.Reader.ReadAsync().AsTask().WaitAsync(Visit.Patience);
}
