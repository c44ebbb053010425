using System.Collections.Concurrent;
using Freehold.Contracts;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests.Hosting;

public sealed record Order(Guid Id);

public sealed record OrderAccepted(string? Tenant);

[AllowNoTenant]
public sealed record Notice(Guid Id);

/// <summary>The same message as <see cref="Order"/> on the wire, from a sender that knows no tenants.</summary>
[AllowNoTenant]
[MessageUrn("Freehold.Integrations.MassTransit.Tests.Hosting:Order")]
public sealed record ForeignOrder(Guid Id);

/// <summary>What a consumer saw: the tenant its constructor saw, the tenant its method saw, and the header.</summary>
public sealed record Sight(string? Constructed, string? Running, string? Header);

/// <summary>Scripts of messages, and what their consumers saw, by the message's id.</summary>
public sealed class Script(ITenantContext tenants)
{
    private readonly ConcurrentDictionary<Guid, Func<ConsumeContext, Task>> _scripts = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<Sight>> _seen = new();

    public string? Tenant => tenants.Current?.Id.Value;

    public void Plan(Guid id, Func<ConsumeContext, Task> script) => _scripts[id] = script;

    public Guid Plan(Func<ConsumeContext, Task>? script = null)
    {
        var id = Guid.NewGuid();
        _scripts[id] = script ?? (_ => Task.CompletedTask);
        return id;
    }

    /// <summary>What the consumer of that message saw first.</summary>
    public Task<Sight> SeenAsync(Guid id) => Seen(id).Task.WaitAsync(Visit.Patience);

    public bool WasConsumed(Guid id) => Seen(id).Task.IsCompleted;

    public Task RunAsync(Guid id, ConsumeContext context, string? constructed)
    {
        Seen(id).TrySetResult(new(constructed, Tenant, context.Headers.Get<string>(TenantHeader.Name)));
        return _scripts.TryGetValue(id, out var script) ? script(context) : Task.CompletedTask;
    }

    private TaskCompletionSource<Sight> Seen(Guid id) =>
        _seen.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

public sealed class OrderConsumer(Script script) : IConsumer<Order>
{
    private readonly string? _constructed = script.Tenant;

    public async Task Consume(ConsumeContext<Order> context)
    {
        await script.RunAsync(context.Message.Id, context, _constructed);
        if (context.ResponseAddress is not null)
        {
            await context.RespondAsync(new OrderAccepted(script.Tenant));
        }
    }
}

public sealed class NoticeConsumer(Script script) : IConsumer<Notice>
{
    private readonly string? _constructed = script.Tenant;

    public Task Consume(ConsumeContext<Notice> context) => script.RunAsync(context.Message.Id, context, _constructed);
}

/// <summary>Sees the faults of orders; what it saw is found under <see cref="IdOf"/> of the order.</summary>
public sealed class OrderFaultConsumer(Script script) : IConsumer<Fault<Order>>
{
    private readonly string? _constructed = script.Tenant;

    public static Guid IdOf(Guid order) => new([.. order.ToByteArray().Reverse()]);

    public Task Consume(ConsumeContext<Fault<Order>> context) => script.RunAsync(IdOf(context.Message.Message.Id), context, _constructed);
}

public static class Shop
{
    public static async Task<BusHost> OpenAsync(
        Wire wire,
        Action<IBusRegistrationConfigurator>? register = null,
        Action<IBusRegistrationContext, IBusFactoryConfigurator>? configure = null,
        Action<MultiTenancyBuilder>? tenancy = null,
        Action<MassTransitMultiTenancyOptions>? options = null,
        int retries = 2) =>
        await BusHost.StartAsync(wire, services => AddShop(services, tenancy), buses =>
        {
            buses.AddConsumer<OrderConsumer>();
            buses.AddConsumer<NoticeConsumer>();
            buses.AddConsumer<OrderFaultConsumer>();
            register?.Invoke(buses);
        }, configure, options, retries);

    public static void AddShop(IServiceCollection services, Action<MultiTenancyBuilder>? tenancy = null)
    {
        services.AddMultiTenancy(tenancy ?? (builder => builder.UseTenants(ContractTenants.All)));
        services.AddSingleton<Script>();
    }

    public static Script Script(this BusHost host) => host.Services.GetRequiredService<Script>();

    public static TenantScope Enter(string? tenant) => tenant is null ? TenantScope.EnterNone() : TenantScope.Enter(new Tenant(tenant));

    /// <summary>Publishes an order for that tenant, under its id as message id.</summary>
    public static async Task PlaceAsync(this BusHost host, string tenant, Guid id)
    {
        using var scope = Enter(tenant);
        await host.Bus.Publish(new Order(id), context => context.MessageId = id);
    }

    /// <summary>Sends an order as a sender would that knows no tenants.</summary>
    public static async Task PlaceForeignAsync(this BusHost host, Guid id)
    {
        var endpoint = await host.Bus.GetSendEndpoint(new Uri("queue:Order"));
        await endpoint.Send(new ForeignOrder(id), context => context.MessageId = id);
    }
}
