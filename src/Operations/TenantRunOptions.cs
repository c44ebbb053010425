namespace Freehold;

/// <summary>How an operation goes through the tenants.</summary>
public sealed class TenantRunOptions
{
    /// <summary>How many tenants of one server are worked on at the same time, and with how many connections; 4 by default. One more holds the locks.</summary>
    public int ParallelismPerServer { get; set; } = 4;

    /// <summary>
    /// How many tenants may fail before no other is begun; 0 stops at the first. Null, the default: all are tried, but after a failure no further wave begins.
    /// </summary>
    public int? MaxFailures { get; set; }

    /// <summary>Who comes first: all others wait until these succeeded. None by default.</summary>
    public IReadOnlyCollection<TenantId> Canaries { get; set; } = [];

    /// <summary>
    /// The waves after the canaries: up to which share of the others, in percent and rising, each one goes, such as 10 and 50. What is left is the last wave.
    /// None by default: all others at once. Tenants of one place (isolated by row) are in one wave.
    /// </summary>
    public IReadOnlyList<int> WavePercentages { get; set; } = [];

    /// <summary>Is told of every tenant that is begun and ended. Null by default.</summary>
    public IProgress<TenantProgress>? Progress { get; set; }

    /// <summary>Comes before a tenant's turn; where it fails, the tenant has failed. Null by default.</summary>
    public Func<Tenant, CancellationToken, Task>? BeforeTenant { get; set; }

    /// <summary>Comes after a tenant's turn, however that went, with its outcome; where it fails, the tenant has failed. Null by default.</summary>
    public Func<TenantOutcome, CancellationToken, Task>? AfterTenant { get; set; }

    /// <exception cref="MultiTenancyConfigurationException">A rule is broken.</exception>
    internal void Check()
    {
        var defect =
            ParallelismPerServer < 1 ? $"{nameof(ParallelismPerServer)} is {ParallelismPerServer}; it must be at least 1"
            : MaxFailures < 0 ? $"{nameof(MaxFailures)} is {MaxFailures}; it must be at least 0, or null"
            : WavePercentages.Any(share => share is < 1 or > 100) || !WavePercentages.SequenceEqual(WavePercentages.Distinct().Order())
                ? $"{nameof(WavePercentages)} is {string.Join(", ", WavePercentages)}; it must rise, from 1 to 100"
            : null;
        if (defect is not null)
        {
            throw new MultiTenancyConfigurationException($"TenantRunOptions.{defect}.");
        }
    }
}

/// <summary>A step of a run.</summary>
/// <param name="TenantId">Who was begun or ended.</param>
/// <param name="Outcome">How it went; null where it was begun.</param>
/// <param name="Ended">How many tenants have ended.</param>
/// <param name="Total">How many there are.</param>
public sealed record TenantProgress(TenantId TenantId, TenantOutcome? Outcome, int Ended, int Total);
