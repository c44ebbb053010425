namespace Freehold;

/// <summary>What holds for all tenants that do not say otherwise.</summary>
public sealed class MultiTenancyOptions
{
    /// <summary>What separates tenants whose record does not say; set by <c>IsolateBy</c>. <see cref="Isolation.Database"/> by default.</summary>
    public Isolation Isolation { get; set; } = Isolation.Database;

    /// <summary>
    /// What tenants' records may say besides; set by <c>IsolateBy</c>. Only <see cref="Isolation.Row"/> has to be named: where it can occur, every
    /// tenant's table has the tenant's column, in every placement.
    /// </summary>
    public ISet<Isolation> OtherIsolations { get; } = new HashSet<Isolation>();

    internal bool HasRow => Isolation == Isolation.Row || OtherIsolations.Contains(Isolation.Row);

    /// <summary>
    /// How many data sources of tenants with a database of their own are kept open, per process; 100 by default. The least recently used
    /// one that nobody uses is closed first; one in use is never closed, so the number can be exceeded while all are busy.
    /// </summary>
    public int MaxDataSources { get; set; } = 100;

    /// <summary>
    /// How many tenants with a schema in a common database one connection meets before its pool starts over with new ones; null (the default) is
    /// without limit. PostgreSQL keeps about 9 KB for each table that a connection has touched, as long as the connection lives: with 20 tables
    /// each, 500 tenants are 94 MB of the server's memory for every connection of the pool. Reconnecting costs a few milliseconds each time.
    /// </summary>
    public int? MaxTenantsPerConnection { get; set; }

    /// <summary>Whether Freehold's metrics are tagged with the tenant's id; false by default, because each tenant is then a time series of its own.</summary>
    public bool TenantOnMetrics { get; set; }

    /// <summary>How many idle contexts of each type are kept for reuse; 1,024 by default, as in EF Core.</summary>
    public int ContextPoolSize { get; set; } = 1024;

    /// <summary>
    /// How long the process believes what the store said of a tenant; 30 seconds by default. Zero asks the store every time, also for unknown
    /// ids. What was written through another process is seen after this time at the latest. Nothing is believed for longer because the store
    /// is down: the tenant is then refused as <c>TENANT_UNAVAILABLE</c>, since it may have been suspended meanwhile.
    /// </summary>
    public TimeSpan CacheDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the process believes that there is no such tenant; 5 seconds by default.</summary>
    public TimeSpan NegativeCacheDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many tenants the cache remembers at most; 100,000 by default. A tenth of it is for unknown ids and the rest for tenants, so that
    /// requests with random ids push no tenant out.
    /// </summary>
    public int CacheSize { get; set; } = 100_000;

    /// <summary>
    /// What happens to queries that reach for another tenant outside an <see cref="AdminScope"/>; set by <c>DetectCrossTenantAccess</c>.
    /// <see cref="CrossTenantDetection.Off"/> by default.
    /// </summary>
    public CrossTenantDetection CrossTenantDetection { get; set; }

    /// <summary>The rules these options break, a sentence each.</summary>
    internal IEnumerable<string> Defects()
    {
        foreach (var (name, value) in new[]
                 {
                     (nameof(MaxDataSources), MaxDataSources), (nameof(MaxTenantsPerConnection), MaxTenantsPerConnection ?? 1),
                     (nameof(ContextPoolSize), ContextPoolSize), (nameof(CacheSize), CacheSize),
                 })
        {
            if (value < 1)
            {
                yield return $"MultiTenancyOptions.{name} is {value}; it must be at least 1.";
            }
        }

        foreach (var (name, value) in new[] { (nameof(CacheDuration), CacheDuration), (nameof(NegativeCacheDuration), NegativeCacheDuration) })
        {
            if (value < TimeSpan.Zero)
            {
                yield return $"MultiTenancyOptions.{name} is {value}; it must not be negative.";
            }
        }
    }
}
