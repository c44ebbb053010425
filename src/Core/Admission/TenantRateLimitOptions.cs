using System.Threading.RateLimiting;

namespace Freehold;

/// <summary>How often each tenant may come in. Counted are admissions: a request, a message, a job, an invocation of a hub.</summary>
public sealed class TenantRateLimitOptions
{
    /// <summary>How many are admitted in each <see cref="Window"/>, and at once after a quiet one; 100 by default.</summary>
    public int Permits { get; set; } = 100;

    /// <summary>The length of a window; one second by default.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many of one tenant wait for the next window; 0 by default, which refuses what is too much with <c>TENANT_BUSY</c>.</summary>
    public int Queue { get; set; }

    /// <summary>
    /// A limiter of your own choice for each tenant, in place of the settings above: by its plan, say. Tenants of the same key share one. It has to
    /// limit a rate: what it hands out is given back at once, and would limit no concurrency.
    /// </summary>
    public Func<Tenant, RateLimitPartition<string>>? PartitionBy { get; set; }

    internal IEnumerable<string> Defects()
    {
        if (Permits < 1)
        {
            yield return $"TenantRateLimitOptions.Permits is {Permits}; it must be at least 1.";
        }

        if (Window <= TimeSpan.Zero)
        {
            yield return $"TenantRateLimitOptions.Window is {Window}; it must be above zero.";
        }

        if (Queue < 0)
        {
            yield return $"TenantRateLimitOptions.Queue is {Queue}; it must not be negative.";
        }
    }
}
