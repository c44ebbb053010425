namespace Freehold;

/// <summary>How long operations on tenants may wait and run.</summary>
public sealed class TenantOperationsOptions
{
    /// <summary>
    /// How long to wait for another operation on the same tenant to end, and for a table that is being dropped to be free; 60 seconds by
    /// default. After it comes a <see cref="TenantOperationException"/> that is retryable. Zero does not wait.
    /// </summary>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long one command may run, such as a step of a migration; 10 minutes by default, at least a second. Zero is without limit.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The environment whose seeds are applied; null by default, which means the host's (<c>IHostEnvironment</c>), and <c>Production</c> where there is no host. Case does not count.
    /// </summary>
    public string? Environment { get; set; }

    /// <summary>
    /// How long a step of a migration may wait at a time for a table that is in use, 2 seconds by default: everybody who comes later waits behind it. Then it
    /// lets them pass and comes again, until <see cref="LockTimeout"/> is over. On PostgreSQL; at least a millisecond.
    /// </summary>
    public TimeSpan TableLockTimeout { get; set; } = TimeSpan.FromSeconds(2);

    internal int CommandTimeoutSeconds => (int)Math.Ceiling(CommandTimeout.TotalSeconds);

    internal IEnumerable<string> Defects()
    {
        foreach (var (name, value) in new[] { (nameof(LockTimeout), LockTimeout), (nameof(CommandTimeout), CommandTimeout), (nameof(TableLockTimeout), TableLockTimeout) })
        {
            if (value < TimeSpan.Zero || value.TotalMilliseconds > int.MaxValue)
            {
                yield return $"TenantOperationsOptions.{name} is {value}; it must be from zero to 24 days.";
            }
        }
    }
}
