using Freehold.Contracts;
using Freehold.Integrations.Hangfire.Tests.Ways;
using Hangfire;
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

/// <summary>Does nothing, for anybody.</summary>
[AllowNoTenant]
public sealed class RestJob
{
    public void Run()
    {
    }
}
