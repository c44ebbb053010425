using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Admission;

/// <summary>Lets each tenant in as often as it may.</summary>
internal sealed class TenantRateLimit : IDisposable, IAsyncDisposable
{
    private static readonly Counter<long> Refusals = TenantTelemetry.Meter.CreateCounter<long>(
        "freehold.admissions.refused", "{call}", "Calls that were refused because their tenant calls too often.");

    private readonly TenantRateLimitOptions _options;
    private readonly bool _namesTenants;
    private readonly PartitionedRateLimiter<Tenant> _limiter;

    public TenantRateLimit(IOptions<TenantRateLimitOptions> options, IOptions<MultiTenancyOptions> tenancy)
    {
        _options = options.Value;
        _namesTenants = tenancy.Value.TenantOnMetrics;
        _limiter = PartitionedRateLimiter.Create(_options.PartitionBy ?? Bucket, StringComparer.Ordinal);
    }

    /// <exception cref="TenantBusyException">It calls too often.</exception>
    public async ValueTask AdmitAsync(Tenant tenant, CancellationToken cancellationToken)
    {
        using var lease = await _limiter.AcquireAsync(tenant, permitCount: 1, cancellationToken).ConfigureAwait(false);
        if (lease.IsAcquired)
        {
            return;
        }

        if (Refusals.Enabled)
        {
            Refusals.Add(1, _namesTenants ? new TagList { { TenantTelemetry.TenantId, tenant.Id.Value } } : default);
        }

        var allowed = _options.PartitionBy is null ? $"more than {_options.Permits} times in {_options.Window}" : "more often than its limiter allows";
        throw new TenantBusyException(
            tenant.Id.Value,
            $"it calls {allowed}{(_options.Queue > 0 ? $", and {_options.Queue} of its calls wait already" : "")} (TenantRateLimitOptions). Try again later, and less often.",
            lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : null);
    }

    public void Dispose() => _limiter.Dispose();

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

    private RateLimitPartition<string> Bucket(Tenant tenant) => RateLimitPartition.GetTokenBucketLimiter(tenant.Id.Value, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = _options.Permits,
        TokensPerPeriod = _options.Permits,
        ReplenishmentPeriod = _options.Window,
        QueueLimit = _options.Queue,
    });
}
