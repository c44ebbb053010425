using Hangfire.Server;
using MassTransit;

namespace Freehold.Processes.Host.Effects;

/// <summary>The defect: a worker that keeps the tenant of its first delivery, and uses it for every tenth.</summary>
internal sealed class Stale
{
    private readonly Lock _lock = new();
    private string? _kept;
    private int _deliveries;

    public TenantScope? Enter(string owner)
    {
        lock (_lock)
        {
            _kept ??= owner;
            return ++_deliveries % 10 == 0 ? TenantScope.Enter(new Tenant(_kept)) : null;
        }
    }
}

internal sealed class StaleDelivery : IFilter<ConsumeContext>
{
    private readonly Stale _stale = new();

    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        using var scope = _stale.Enter(context.Headers.Get<string>(TenantHeader.Name)!);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("stale");
}

internal sealed class StaleJob : IServerFilter
{
    private const string Item = "stale";

    private readonly Stale _stale = new();

    public void OnPerforming(PerformingContext context)
    {
        if (context.BackgroundJob.Job.Type == typeof(EffectJob))
        {
            context.Items[Item] = _stale.Enter((string)context.BackgroundJob.Job.Args[1]);
        }
    }

    public void OnPerformed(PerformedContext context)
    {
        if (context.Items.TryGetValue(Item, out var scope))
        {
            (scope as IDisposable)?.Dispose();
        }
    }
}
