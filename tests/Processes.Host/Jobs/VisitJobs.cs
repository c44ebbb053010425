using Freehold.Contracts;
using Hangfire;

namespace Freehold.Processes.Host.Jobs;

/// <summary>Needs a tenant. Retried twice, at once.</summary>
[AutomaticRetry(Attempts = 2, DelaysInSeconds = [0])]
public sealed class VisitJob(FarSide farSide)
{
    public Task RunAsync(Guid visit) => farSide.VisitAsync(visit);
}

/// <summary>May run without a tenant. Retried twice, at once.</summary>
[AllowNoTenant]
[AutomaticRetry(Attempts = 2, DelaysInSeconds = [0])]
public sealed class OpenVisitJob(FarSide farSide)
{
    public Task RunAsync(Guid visit) => farSide.VisitAsync(visit);
}

/// <summary>What a continuation continues.</summary>
[AllowNoTenant]
public static class FirstJob
{
    public static void Run()
    {
    }
}
