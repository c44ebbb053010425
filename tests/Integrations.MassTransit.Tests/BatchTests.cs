using System.Threading.Channels;
using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed record Line(Guid Id);

public sealed class LineConsumer(ITenantContext tenants, ChannelWriter<string> seen) : IConsumer<Batch<Line>>
{
    private readonly string? _constructed = tenants.Current?.Id.Value;

    public async Task Consume(ConsumeContext<Batch<Line>> context)
    {
        foreach (var line in context.Message)
        {
            await seen.WriteAsync($"{line.Headers.Get<string>(TenantHeader.Name)} as {_constructed}/{tenants.Current?.Id.Value}");
        }
    }
}

public sealed class BatchTests
{
    private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task A_batch_of_several_tenants_never_runs_as_one()
    {
        await using var host = await OpenAsync(_ => { }, retries: 0);

        var lines = await PublishAsync(host, "acme", "globex");

        foreach (var line in lines)
        {
            (await host.Deliveries.Of(line).CompletedAsync()).Fault.ShouldBeOfType<TenantMismatchException>();
        }

        _seen.Reader.TryRead(out var seen).ShouldBeFalse(seen);
    }

    [Fact]
    public async Task Batches_grouped_by_the_header_run_for_their_tenants()
    {
        await using var host = await OpenAsync(batch => batch.GroupBy<Line, string>(line => line.Headers.Get<string>(TenantHeader.Name)!));

        await PublishAsync(host, "acme", "globex", "acme", "globex");

        string[] seen = [await ReadAsync(), await ReadAsync(), await ReadAsync(), await ReadAsync()];
        seen.ShouldBe(["acme as acme/acme", "acme as acme/acme", "globex as globex/globex", "globex as globex/globex"], ignoreOrder: true);
    }

    private Task<BusHost> OpenAsync(Action<BatchOptions> configure, int retries = 2) => BusHost.StartAsync(
        Wire.InMemory,
        services =>
        {
            Shop.AddShop(services);
            services.AddSingleton(_seen.Writer);
        },
        buses => buses.AddConsumer<LineConsumer>(consumer => consumer.Options<BatchOptions>(batch =>
        {
            batch.SetMessageLimit(2).SetTimeLimit(Visit.Patience);
            configure(batch);
        })),
        retries: retries);

    private static async Task<List<Guid>> PublishAsync(BusHost host, params string[] tenants)
    {
        var lines = new List<Guid>();
        foreach (var tenant in tenants)
        {
            var line = Guid.NewGuid();
            using var scope = Shop.Enter(tenant);
            await host.Bus.Publish(new Line(line), context => context.MessageId = line);
            lines.Add(line);
        }

        return lines;
    }

    private async Task<string> ReadAsync() => await _seen.Reader.ReadAsync().AsTask().WaitAsync(Visit.Patience);
}
