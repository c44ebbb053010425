using System.Collections.Concurrent;
using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace Freehold.Integrations.Hangfire.Tests.Ways;

/// <summary>The job has failed, and an operator presses "Requeue jobs" in the dashboard.</summary>
internal sealed class Requeue : JobWay
{
    public override bool NeedsDashboard => true;

    public override void Configure(IServiceCollection services) => services.AddSingleton<Faults>();

    public override async Task<Crossing> CrossAsync(JobsHost host, string? tenantId, Guid visit, bool mayLackTenant)
    {
        var refusal = TryCreate(
            host,
            tenantId,
            client => mayLackTenant ? client.Enqueue<MendedJob>(job => job.RunFreeAsync(visit)) : client.Enqueue<MendedJob>(job => job.RunAsync(visit)),
            out var job);
        if (refusal is not null)
        {
            return refusal;
        }

        await host.ReadToEndAsync(job);
        using var form = new FormUrlEncodedContent([new("jobs[]", job)]);
        using var answer = await host.Dashboard.PostAsync(new Uri("/jobs/failed/requeue", UriKind.Relative), form);
        answer.EnsureSuccessStatusCode();
        return await EndOfAsync(host, job);
    }
}

/// <summary>What has not failed yet.</summary>
public sealed class Faults
{
    private readonly ConcurrentDictionary<Guid, bool> _mended = new();

    public void ThrowOnce(Guid visit)
    {
        if (_mended.TryAdd(visit, true))
        {
            throw new InvalidOperationException("It works when it is requeued.");
        }
    }
}
