using System.Collections.Concurrent;
using System.Threading.Channels;
using Freehold.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Freehold.Core.Tests.Running;

/// <summary>A visit on its way to a hosted service: a tenant's id, and no ambient tenant.</summary>
public sealed record Item(string? TenantId, Guid Visit, bool MayLackTenant)
{
    public TaskCompletionSource<Crossing> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A hosted service that serves what comes in, started by somebody inside another tenant.</summary>
public abstract class HostedPropagationTests<TWorker> : TenantPropagationContract where TWorker : Worker
{
    protected override async Task<TenantBoundary> StartHostAsync(Action<IServiceCollection> configureContract)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        configureContract(builder.Services);
        builder.Services.AddSingleton<TWorker>().AddHostedService(services => services.GetRequiredService<TWorker>());
        var host = builder.Build();
        using (TenantScope.Enter(new Tenant("t20")))
        {
            await host.StartAsync();
        }

        return new Boundary(host);
    }

    private sealed class Boundary(IHost host) : TenantBoundary
    {
        public override IServiceProvider Services => host.Services;

        public override async Task<Crossing> CrossAsync(string? tenantId, Guid visit, bool mayLackTenant)
        {
            var item = new Item(tenantId, visit, mayLackTenant);
            host.Services.GetRequiredService<TWorker>().Send(item);
            return await item.Done.Task;
        }

        public override async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}

/// <summary>What both have in common: serving an item.</summary>
public abstract class Worker(IServiceProvider services) : BackgroundService
{
    public abstract void Send(Item item);

    protected async Task ServeAsync(Item item)
    {
        try
        {
            item.Done.SetResult(await Application.VisitAsync(services, item.TenantId, item.Visit, item.MayLackTenant));
        }
        catch (Exception failure)
        {
            item.Done.SetException(failure);
        }
    }
}

/// <summary>Wakes up and starts what has become due, as a scheduler does.</summary>
public sealed class Scheduler(IServiceProvider services) : Worker(services)
{
    private readonly ConcurrentQueue<Item> _due = new();
    private readonly SemaphoreSlim _bell = new(0);

    public override void Send(Item item)
    {
        _due.Enqueue(item);
        _bell.Release();
    }

    public override void Dispose()
    {
        _bell.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _bell.WaitAsync(stoppingToken);
            if (_due.TryDequeue(out var item))
            {
                _ = Task.Run(() => ServeAsync(item), stoppingToken);
            }
        }
    }
}

/// <summary>Twenty readers of a channel, written to by whoever crosses, inside the tenant.</summary>
public sealed class ChannelReaders(IServiceProvider services) : Worker(services)
{
    private const int Readers = 20;

    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new() { AllowSynchronousContinuations = true });

    public override void Send(Item item)
    {
        using var entered = item.TenantId is null ? TenantScope.EnterNone() : TenantScope.Enter(new Tenant(item.TenantId));
        _items.Writer.TryWrite(item);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, Readers).Select(async _ =>
    {
        await foreach (var item in _items.Reader.ReadAllAsync(stoppingToken))
        {
            await ServeAsync(item);
        }
    }));
}

[Boundary("Core", "hosted service")]
public sealed class HostedServicePropagationTests : HostedPropagationTests<Scheduler>;

[Boundary("Core", "channel")]
public sealed class ChannelPropagationTests : HostedPropagationTests<ChannelReaders>;
