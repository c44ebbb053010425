namespace Freehold.Processes.Host;

/// <summary>What a host in the far process is told, as one line of JSON on standard input.</summary>
public sealed record HostSettings
{
    /// <summary>Where the near process listens, on loopback.</summary>
    public int Port { get; init; }

    /// <summary>The name of a <see cref="Way"/>.</summary>
    public required string Way { get; init; }

    /// <summary>The virtual host: <c>amqp://user:password@host:port/name</c>, or the connection string of the job storage.</summary>
    public required string Carrier { get; init; }

    /// <summary>The tenants' database, or null where no data is looked at.</summary>
    public string? Database { get; init; }

    /// <summary>The key of both processes, in Base64; null where tenants are not signed.</summary>
    public string? SigningKey { get; init; }

    /// <summary>How many messages or jobs run at once.</summary>
    public int Workers { get; init; } = 20;

    /// <summary>After how many orders the host comes to a standstill; null: never.</summary>
    public int? StandstillAfter { get; init; }

    /// <summary>A defect put in on purpose, which the long proof has to find: every tenth delivery runs for the tenant of the first.</summary>
    public bool EveryTenthIsStale { get; init; }

    public void ConfigureTenancy(MultiTenancyBuilder tenancy)
    {
        if (SigningKey is { } key)
        {
            tenancy.SignTenants(signing => signing.Keys["tests"] = key);
        }
    }
}
