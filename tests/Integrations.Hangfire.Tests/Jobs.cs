using Freehold.Contracts;
using Hangfire;

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
