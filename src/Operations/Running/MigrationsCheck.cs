using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Freehold.Operations.Running;

/// <summary>Has every tenant the tables that this version of the application expects? Once it is so it stays so, and is not asked again.</summary>
internal sealed class MigrationsCheck(ITenantOperations operations) : IHealthCheck
{
    // A description is for people, and may be shown to whoever asks: so numbers, and who they are in the data.
    private const int Named = 10;

    private volatile bool _isReady;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_isReady)
        {
            return HealthCheckResult.Healthy("No tenant lacks a migration.");
        }

        var plan = await operations.PlanMigrationAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        if (plan.PendingShared.Count == 0 && plan.Tenants.All(tenant => tenant is { Pending.Count: 0, Error: null }))
        {
            _isReady = true;
            return HealthCheckResult.Healthy("No tenant lacks a migration.");
        }

        var (lacking, unknown) = (plan.Tenants.Where(tenant => tenant.Pending.Count > 0).ToArray(), plan.Tenants.Where(tenant => tenant.Error is not null).ToArray());
        var data = new Dictionary<string, object>
        {
            ["tenants.pending"] = string.Join(", ", lacking.Take(Named).Select(tenant => tenant.Tenant.Id)),
            ["tenants.unknown"] = string.Join(", ", unknown.Take(Named).Select(tenant => tenant.Tenant.Id)),
        };
        return new(
            context.Registration.FailureStatus,
            $"Migrations are pending for {lacking.Length} tenants, and {plan.PendingShared.Count} for shared tables; {unknown.Length} tenants could not be asked.",
            data: data);
    }
}
