using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>
/// A session-level advisory lock of PostgreSQL, on a connection of its own that is in no transaction: so it outlives the commits between
/// migrations, and CREATE INDEX CONCURRENTLY does not wait for it. It ends with its session, so also when the process dies.
/// </summary>
internal sealed class AdvisoryLock(NpgsqlConnection connection) : IAsyncDisposable
{
    /// <summary>
    /// The key of a place: the first eight bytes, big-endian, of SHA-256 over <c>freehold:</c>, the database's name, NUL and the schema's
    /// name in UTF-8. Stable over versions: two versions of an application may run beside each other. All locks of a server are taken in
    /// the database of its connection string, because PostgreSQL keeps them by database.
    /// </summary>
    public static long Key(string database, string schema) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"freehold:{database}\0{schema}")));

    /// <summary>Takes the lock if it is free. Never waits in the database: a waiting statement has a snapshot that others wait for.</summary>
    public static async Task<AdvisoryLock?> TryTakeAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken) =>
        await TryAsync(connection, key, cancellationToken).ConfigureAwait(false) ? new AdvisoryLock(connection) : null;

    /// <summary>The same for a session that has other things to do besides.</summary>
    public static async Task<bool> TryAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken) =>
        await connection.RowAsync("SELECT pg_catalog.pg_try_advisory_lock($1)", cancellationToken, key).ConfigureAwait(false) is [true];

    /// <summary>
    /// The key of the work in a place, which the session that does it takes in its own database. A killed process gives its locks back at once, while its
    /// backend may still be at work: this one stays with the backend.
    /// </summary>
    public static long WorkKey(string database, string schema) => Key(database, schema + "\0work");

    // The connection is not pooled: closing it ends the session, and the session's locks.
    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
