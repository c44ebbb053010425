namespace Freehold;

/// <summary>How many connections this process uses at a time, and how long work waits for one. Counted are connections in use; the pools keep idle ones.</summary>
public sealed class ConnectionLimitOptions
{
    /// <summary>
    /// Connections to one server, of all tenants together. Null (the default) is the server's <c>Maximum Pool Size</c> less <see cref="Reserve"/>.
    /// A pool has no more than its maximum, whatever is said here: beyond it work waits there, first come, first served.
    /// </summary>
    public int? PerServer { get; set; }

    /// <summary>The same for servers by their names, where one differs from <see cref="PerServer"/>.</summary>
    public IDictionary<string, int> Servers { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Connections of one tenant to its server. Null (the default) is half of the server's.</summary>
    public int? PerTenant { get; set; }

    /// <summary>
    /// Connections above the limits for work that has one already and would wait for itself: a context opened inside the work of another one.
    /// Used only where every connection that could become free is held by work that itself waits. Null (the default) is a tenth of <c>Maximum Pool Size</c>.
    /// </summary>
    public int? Reserve { get; set; }

    /// <summary>How many callers of one tenant may wait; 1,000 by default. Zero waits for nothing: who finds all in use is refused at once.</summary>
    public int QueuePerTenant { get; set; } = 1_000;

    /// <summary>How many callers of all tenants may wait for one server; 10,000 by default.</summary>
    public int QueuePerServer { get; set; } = 10_000;

    /// <summary>How long one caller waits at most; 15 seconds by default.</summary>
    public TimeSpan WaitLimit { get; set; } = TimeSpan.FromSeconds(15);

    internal int ReserveOf(int maxPoolSize) => Reserve ?? Math.Max(1, maxPoolSize / 10);

    internal int LimitOf(string server, int maxPoolSize) =>
        Servers.TryGetValue(server, out var own) ? own : PerServer ?? Math.Max(1, maxPoolSize - ReserveOf(maxPoolSize));

    internal int TenantLimitOf(string server, int maxPoolSize) => PerTenant ?? Math.Max(1, LimitOf(server, maxPoolSize) / 2);

    internal IEnumerable<string> Defects(IReadOnlyCollection<string> servers)
    {
        foreach (var (name, value) in Servers.Select(own => ($"Servers[\"{own.Key}\"]", (int?)own.Value)).Append((nameof(PerServer), PerServer)).Append((nameof(PerTenant), PerTenant)))
        {
            if (value < 1)
            {
                yield return $"ConnectionLimitOptions.{name} is {value}; it must be at least 1.";
            }
        }

        foreach (var (name, value) in new[] { (nameof(Reserve), Reserve), (nameof(QueuePerTenant), QueuePerTenant), (nameof(QueuePerServer), QueuePerServer) })
        {
            if (value < 0)
            {
                yield return $"ConnectionLimitOptions.{name} is {value}; it must not be negative.";
            }
        }

        if (WaitLimit <= TimeSpan.Zero || WaitLimit.TotalMilliseconds > int.MaxValue)
        {
            yield return $"ConnectionLimitOptions.WaitLimit is {WaitLimit}; it must be above zero and up to 24 days. To wait for nothing, set QueuePerTenant to 0.";
        }

        foreach (var unknown in Servers.Keys.Except(servers))
        {
            yield return $"ConnectionLimitOptions.Servers names '{unknown}', and no server is registered under that name. Registered: {string.Join(", ", servers)}.";
        }
    }
}
