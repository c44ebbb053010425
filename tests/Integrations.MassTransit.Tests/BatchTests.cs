using System.Threading.Channels;
using Freehold.Contracts;
using Freehold.Integrations.MassTransit.Tests.Hosting;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.MassTransit.Tests;

public sealed record Line(Guid Id, string Kind);

public sealed class LineConsumer(ITenantContext tenants, ChannelWriter<string> seen) : IConsumer<Batch<Line>>
{
    private readonly string? _constructed = tenants.Current?.Id.Value;

    public async Task Consume(ConsumeContext<Batch<Line>> context)
    {
        var lines = string.Join(',', context.Message.Select(line => line.Headers.Get<string>(TenantHeader.Name)));
        await seen.WriteAsync($"{lines} as {_constructed}/{tenants.Current?.Id.Value}");
    }
}

public sealed class BatchTests
{
    private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task Messages_of_several_tenants_never_meet_in_a_batch()
    {
        await using var host = await OpenAsync(_ => { });

        await PublishAsync(host, "acme", "globex", "acme", "globex");

        await ShouldSeeAsync("acme,acme as acme/acme", "globex,globex as globex/globex");
    }

    [Fact]
    public async Task Batches_grouped_by_the_application_are_each_of_one_tenant_too()
    {
        await using var host = await OpenAsync(batch => batch.GroupBy<Line, string>(line => line.Message.Kind));

        await PublishAsync(host, "acme", "globex", "acme", "globex", "acme/2", "acme/2");

        await ShouldSeeAsync("acme,acme as acme/acme", "globex,globex as globex/globex", "acme,acme as acme/acme");
    }

    private Task<BusHost> OpenAsync(Action<BatchOptions> configure) => BusHost.StartAsync(
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
        })));

    /// <summary>A line for each of them, of the kind behind the slash.</summary>
    private static async Task PublishAsync(BusHost host, params string[] lines)
    {
        foreach (var line in lines.Select(line => line.Split('/')))
        {
            using var scope = Shop.Enter(line[0]);
            await host.Bus.Publish(new Line(Guid.NewGuid(), line.ElementAtOrDefault(1) ?? "1"));
        }
    }

    private async Task ShouldSeeAsync(params string[] batches)
    {
        var seen = new List<string>();
        while (seen.Count < batches.Length)
        {
            seen.Add(await _seen.Reader.ReadAsync().AsTask().WaitAsync(Visit.Patience));
        }

        seen.ShouldBe(batches, ignoreOrder: true);
    }
}
