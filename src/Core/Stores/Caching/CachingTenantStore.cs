using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Options;

namespace Freehold.Core.Stores.Caching;

/// <summary>
/// Remembers what a store said of a tenant, for a while. One question per tenant is under way at a time; an answer that was forgotten while
/// it was under way is not remembered; failures never are. Nothing outlives its time because the store is down: that is the store's failure.
/// </summary>
internal sealed class CachingTenantStore : ITenantStore, ITenantCache, IDisposable
{
    // Of the entries, so that whoever sends random ids crowds out other random ids and never a tenant.
    private const int UnknownShare = 10;

    private static readonly TimeSpan Century = TimeSpan.FromDays(36_525);

    private readonly ConcurrentDictionary<TenantId, TenantLoad> _loads = new();
    private readonly ITenantStore _inner;
    private readonly TimeSpan _duration;
    private readonly TimeSpan _negativeDuration;
    private readonly MemoryCache _known;
    private readonly MemoryCache _unknown;

    public CachingTenantStore(ITenantStore inner, IOptions<MultiTenancyOptions> options, TimeProvider time)
    {
        _inner = inner;
        _duration = Possible(options.Value.CacheDuration);
        _negativeDuration = Possible(options.Value.NegativeCacheDuration);
        var unknown = options.Value.CacheSize / UnknownShare;
        var clock = new MonotonicClock(time);
        _known = new MemoryCache(new MemoryCacheOptions { SizeLimit = options.Value.CacheSize - unknown, Clock = clock });
        _unknown = new MemoryCache(new MemoryCacheOptions { SizeLimit = unknown, Clock = clock });
    }

    internal int Count => _known.Count + _unknown.Count;

    public ValueTask<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken = default)
    {
        if (_known.TryGetValue(id.Value, out var tenant))
        {
            return new((Tenant?)tenant);
        }

        return _unknown.TryGetValue(id.Value, out _) ? default
            : cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<Tenant?>(cancellationToken)
            : _duration == TimeSpan.Zero ? _inner.FindAsync(id, cancellationToken)
            : LoadAsync(id, cancellationToken);
    }

    public IAsyncEnumerable<Tenant> ListAsync(CancellationToken cancellationToken = default) => _inner.ListAsync(cancellationToken);

    public void Forget(TenantId id)
    {
        if (_loads.TryRemove(id, out var load))
        {
            load.Forget();
        }

        _known.Remove(id.Value);
        _unknown.Remove(id.Value);
    }

    public void Clear()
    {
        foreach (var (id, load) in _loads)
        {
            _loads.TryRemove(new(id, load));
            load.Forget();
        }

        _known.Clear();
        _unknown.Clear();
    }

    public void Dispose()
    {
        _known.Dispose();
        _unknown.Dispose();
    }

    private async ValueTask<Tenant?> LoadAsync(TenantId id, CancellationToken cancellationToken)
    {
        var load = Join(id);
        try
        {
            return await load.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (load.Leave())
            {
                _loads.TryRemove(new(id, load));
            }
        }
    }

    private TenantLoad Join(TenantId id)
    {
        while (true)
        {
            if (_loads.TryGetValue(id, out var running))
            {
                if (running.TryJoin())
                {
                    return running;
                }

                _loads.TryRemove(new(id, running));
            }

            // Before the store is asked: whoever forgets the tenant from here on finds this and takes it out.
            var load = new TenantLoad();
            if (_loads.TryAdd(id, load))
            {
                Start(id, load);
                return load;
            }
        }
    }

    // For everybody who asks, so inside no tenant: a store that looks at the ambient one must not answer for the first who came.
    private void Start(TenantId id, TenantLoad load)
    {
        using (TenantScope.EnterNone())
        {
            _ = RunAsync(id, load);
        }
    }

    // Out of the way before it is answered: whoever hears of a failure and tries again asks the store again.
    private async Task RunAsync(TenantId id, TenantLoad load)
    {
        try
        {
            var found = await _inner.FindAsync(id, load.Abandoned).ConfigureAwait(false);
            var tenant = found?.Id == id ? found : null;
            load.UnlessForgotten(() => Remember(id, tenant));
            _loads.TryRemove(new(id, load));
            load.Complete(tenant);
        }
        catch (Exception failure)
        {
            _loads.TryRemove(new(id, load));
            load.Fail(failure);
        }
    }

    private void Remember(TenantId id, Tenant? tenant)
    {
        var duration = tenant is null ? _negativeDuration : _duration;
        if (duration == TimeSpan.Zero)
        {
            return;
        }

        using var entry = (tenant is null ? _unknown : _known).CreateEntry(id.Value);
        entry.Size = 1;
        entry.AbsoluteExpirationRelativeToNow = duration;
        entry.Value = tenant;
    }

    // A duration meant to have no end would otherwise end after the last date there is.
    private static TimeSpan Possible(TimeSpan duration) => duration < Century ? duration : Century;

    /// <summary>Goes as fast as time does, whatever is done to the machine's clock.</summary>
    private sealed class MonotonicClock(TimeProvider time) : ISystemClock
    {
        private readonly DateTimeOffset _start = time.GetUtcNow();
        private readonly long _stamp = time.GetTimestamp();

        public DateTimeOffset UtcNow => _start + time.GetElapsedTime(_stamp);
    }
}
