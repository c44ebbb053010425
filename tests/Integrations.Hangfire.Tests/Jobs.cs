using System.Collections.Concurrent;
using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Hosting;
using Freehold.Integrations.Hangfire.Tests.Ways;
using Hangfire;
using Hangfire.Client;
using Hangfire.Common;
using Hangfire.Server;

namespace Freehold.Integrations.Hangfire.Tests;

/// <summary>Needs a tenant. Retried twice, at once.</summary>
[AutomaticRetry(Attempts = 2, DelaysInSeconds = [0])]
public sealed class VisitJob(FarSide farSide)
{
    public Task RunAsync(Guid visit) => farSide.VisitAsync(visit);

    [AllowNoTenant]
    public Task RunWithoutAsync(Guid visit) => farSide.VisitAsync(visit);
}

/// <summary>May run without a tenant, but for one method. Retried twice, at once.</summary>
[AllowNoTenant]
[AutomaticRetry(Attempts = 2, DelaysInSeconds = [0])]
public sealed class FreeJob(FarSide farSide)
{
    public Task RunAsync(Guid visit) => farSide.VisitAsync(visit);

    [RequireTenant]
    public Task RunWithAsync(Guid visit) => farSide.VisitAsync(visit);
}

/// <summary>Fails at the first attempt.</summary>
[AutomaticRetry(Attempts = 2, DelaysInSeconds = [0])]
public sealed class SecondTryJob(FarSide farSide)
{
    public Task RunAsync(Guid visit, PerformContext context) => context.GetJobParameter<int>("RetryCount") == 0
        ? throw new InvalidOperationException("It works the second time.")
        : farSide.VisitAsync(visit);

    [AllowNoTenant]
    public Task RunFreeAsync(Guid visit, PerformContext context) => RunAsync(visit, context);
}

/// <summary>Fails once, and is not retried.</summary>
[AutomaticRetry(Attempts = 0)]
public sealed class MendedJob(FarSide farSide, Faults faults)
{
    public Task RunAsync(Guid visit)
    {
        faults.ThrowOnce(visit);
        return farSide.VisitAsync(visit);
    }

    [AllowNoTenant]
    public Task RunFreeAsync(Guid visit) => RunAsync(visit);
}

/// <summary>Cannot be created, once, for the tenant it is told to stumble over.</summary>
[Stumble]
public sealed class StumblingJob(FarSide farSide)
{
    private static readonly ConcurrentDictionary<Guid, string> Stumbling = new();

    public static void StumbleOnceFor(Guid visit, string tenantId) => Stumbling[visit] = tenantId;

    public Task RunAsync(Guid visit) => farSide.VisitAsync(visit);

    private sealed class StumbleAttribute : JobFilterAttribute, IClientFilter
    {
        public void OnCreating(CreatingContext context)
        {
            var visit = (Guid)context.Job.Args[0];
            if (Stumbling.TryGetValue(visit, out var tenant) && tenant == Ambient.Current?.Id.Value && Stumbling.TryRemove(visit, out _))
            {
                throw new InvalidOperationException("It stumbles.");
            }
        }

        public void OnCreated(CreatedContext context)
        {
        }
    }
}

/// <summary>Waits in a queue that no server of these tests serves.</summary>
[Queue("elsewhere")]
public sealed class ElsewhereJob(FarSide farSide)
{
    public Task RunAsync(Guid visit) => farSide.VisitAsync(visit);
}

/// <summary>Does nothing, for anybody.</summary>
[AllowNoTenant]
public static class RestJob
{
    public static void Run()
    {
    }
}
