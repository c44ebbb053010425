using System.Collections.Concurrent;
using Freehold.Core.Data.Connections;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Running;

/// <summary>
/// A session of a server that works for a whole run: it holds the locks of all places that are being worked on, and writes the journal. In no transaction
/// between its statements. A session may take its own lock twice, so those of one run who want the same place take turns before they ask for it.
/// </summary>
internal sealed class ServerSession(DatabaseProvider provider, Site site) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<long, SemaphoreSlim> _places = new();
    private readonly string _database = DatabaseOf(provider, site);
    private NpgsqlConnection? _connection;
    private Task _unlocking = Task.CompletedTask;

    /// <summary>One after the other, on the session; a new one where it was lost, with all its locks.</summary>
    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await use(await OpenAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Holds a lock until disposed. The session that works holds one of its own besides, so losing this one lets nobody in.</summary>
    public async Task<IAsyncDisposable> LockAsync(Site locked, string? schema, string suffix, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var key = AdvisoryLock.Key(locked.Placement?.Database ?? _database, schema + suffix);
        var place = _places.GetOrAdd(key, _ => new SemaphoreSlim(1));
        await place.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await TenantPlaces.PollAsync(locked, timeout, () => UseAsync<object?>(TryAsync, cancellationToken), cancellationToken).ConfigureAwait(false);
            return new Held(this, key, place);
        }
        catch
        {
            place.Release();
            throw;
        }

        async Task<object?> TryAsync(NpgsqlConnection connection) => await AdvisoryLock.TryAsync(connection, key, cancellationToken).ConfigureAwait(false) ? locked : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _unlocking.ConfigureAwait(false);
        _turn.Dispose();
        foreach (var place in _places.Values)
        {
            place.Dispose();
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Remember(Task unlocking)
    {
        lock (_turn)
        {
            _unlocking = _unlocking.IsCompleted ? unlocking : Task.WhenAll(_unlocking, unlocking);
        }
    }

    private static string DatabaseOf(DatabaseProvider provider, Site site)
    {
        using var connection = provider.CreateAdministrative(NpgsqlPlaces.Nameless(site.Placement), maintenance: true);
        return connection.Database;
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open })
        {
            return _connection;
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }

        _connection = NpgsqlPlaces.Resting((NpgsqlConnection)provider.CreateAdministrative(NpgsqlPlaces.Nameless(site.Placement), maintenance: true));
        await _connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        return _connection;
    }

    private sealed class Held(ServerSession session, long key, SemaphoreSlim place) : IAsyncDisposable
    {
        // Nobody has to wait for it; it is before whatever comes next on the session.
        public ValueTask DisposeAsync()
        {
            session.Remember(UnlockAsync());
            return default;
        }

        private async Task UnlockAsync()
        {
            try
            {
                await session.UseAsync(
                    connection => connection.RowAsync("SELECT pg_catalog.pg_advisory_unlock($1)", CancellationToken.None, key),
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (NpgsqlException)
            {
                // With its session the lock is gone, too.
            }
            finally
            {
                place.Release();
            }
        }
    }
}
