using System.Threading.Channels;
using Freehold.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Provisioning;

/// <summary>Makes what is lacking: at start, and after each claim. Where that fails, again after a while.</summary>
internal sealed class SpareKeeper(ITenantSpares spares, SpareDemand demand, TimeProvider time, ILogger<SpareKeeper> logger, int count) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var isDone = await TryAsync(stoppingToken).ConfigureAwait(false);
            using var next = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var tasks = new List<Task> { demand.WaitAsync(next.Token) };
            if (!isDone)
            {
                tasks.Add(Task.Delay(Pause, time, next.Token));
            }

            await Task.WhenAny(tasks).ConfigureAwait(false);
            await next.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            var made = await spares.KeepAsync(count, stoppingToken).ConfigureAwait(false);
            if (made.Count > 0)
            {
                logger.SparesMade(made.Count);
            }

            return true;
        }
#pragma warning disable CA1031 // The host lives without spares: a tenant that comes is provisioned then.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (!stoppingToken.IsCancellationRequested)
            {
                logger.SparesFailed(Pause, failure);
            }

            return false;
        }
    }
}

/// <summary>Tells who keeps spares that one was claimed.</summary>
internal sealed class SpareDemand
{
    private readonly Channel<bool> _claims = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Signal() => _claims.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellationToken) => await _claims.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}

/// <summary>Can there be spares at all?</summary>
internal sealed class SpareCheck(TenantSpares spares) : IStartupCheck
{
    public void Run() => spares.Check();
}
