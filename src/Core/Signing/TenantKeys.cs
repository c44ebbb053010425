using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Freehold;

/// <summary>The keys as they are now. A change that cannot work is not taken: what was there before stays.</summary>
internal sealed partial class TenantKeys : IDisposable
{
    private readonly ILogger<TenantKeys> _logger;
    private readonly IDisposable? _changes;
    private volatile Ring? _ring;

    public TenantKeys(IOptionsMonitor<TenantSigningOptions> options, ILogger<TenantKeys> logger)
    {
        _logger = logger;
        var now = options.CurrentValue;
        foreach (var defect in now.IsOn ? now.Defects() : [])
        {
            throw new MultiTenancyConfigurationException(defect);
        }

        _ring = now.IsOn ? new(now) : null;
        _changes = now.IsOn ? options.OnChange(Take) : null;
    }

    /// <summary>Null where signing is off.</summary>
    public Ring? Current => _ring;

    public void Dispose() => _changes?.Dispose();

    private void Take(TenantSigningOptions changed)
    {
        if (changed.Defects().FirstOrDefault() is { } defect)
        {
            NotTaken(_logger, defect);
            return;
        }

        _ring = new(changed);
    }

    [LoggerMessage(1201, LogLevel.Error, "The changed keys of tenant signing were not taken, those before stay: {Reason}")]
    private static partial void NotTaken(ILogger logger, string reason);

    /// <summary>One state of the options.</summary>
    internal sealed class Ring(TenantSigningOptions options)
    {
        private readonly Dictionary<string, byte[]>.AlternateLookup<ReadOnlySpan<char>> _secrets = options.Keys
            .ToDictionary(key => key.Key, key => Convert.FromBase64String(key.Value), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

        public string SigningKey { get; } = options.SigningKey ?? options.Keys.Keys.Single();

        public DateTimeOffset? AcceptUnsignedUntil { get; } = options.AcceptUnsignedUntil;

        public byte[]? Find(ReadOnlySpan<char> keyId) => _secrets.TryGetValue(keyId, out var secret) ? secret : null;
    }
}
