using System.Data;
using System.Globalization;
using Npgsql;

namespace Freehold.Core.Stores.Catalog;

/// <summary>
/// Makes the catalog's tables where they are missing. At first use and not at start-up: a process may start while the database is down, and
/// tools use the catalog without a host. Any number of processes may come at once.
/// </summary>
internal sealed class CatalogSchema(NpgsqlDataSource source, CatalogSql sql) : IDisposable
{
    /// <summary>The version this release reads and writes. A later one finds an older number under the lock, and changes the tables there.</summary>
    public const int Current = 3;

    private readonly SemaphoreSlim _once = new(1);
    private volatile bool _isThere;

    /// <exception cref="MultiTenancyConfigurationException">A newer release made it, or the role may not make it.</exception>
    public ValueTask EnsureAsync(CancellationToken cancellationToken) => _isThere ? default : new(EnsureOnceAsync(cancellationToken));

    public void Dispose() => _once.Dispose();

    private async Task EnsureOnceAsync(CancellationToken cancellationToken)
    {
        await _once.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isThere)
            {
                return;
            }

            var version = await VersionAsync(cancellationToken).ConfigureAwait(false);
            if (version is null or < Current)
            {
                await CreateAsync(cancellationToken).ConfigureAwait(false);
                version = await VersionAsync(cancellationToken).ConfigureAwait(false);
            }

            _isThere = version == Current ? true : throw new MultiTenancyConfigurationException(
                $"The tenant catalog in schema '{sql.Schema}' has version {version}, and this release knows version {Current}. Update Freehold.");
        }
        finally
        {
            _once.Release();
        }
    }

    private async Task<int?> VersionAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var command = source.CreateCommand(sql.Version);
            var version = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            return Convert.ToInt32(version, CultureInfo.InvariantCulture);
        }
        catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using var closing = connection.ConfigureAwait(false);

            // Whatever the database's default: what the process before this one committed must be seen behind the lock.
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
            await using var ending = transaction.ConfigureAwait(false);
            await ExecuteAsync(connection, sql.Lock, cancellationToken).ConfigureAwait(false);
            if (await ExecuteAsync(connection, sql.SchemaExists, cancellationToken).ConfigureAwait(false) is not true)
            {
                await ExecuteAsync(connection, sql.CreateSchema, cancellationToken).ConfigureAwait(false);
            }

            await ExecuteAsync(connection, sql.CreateTables, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new MultiTenancyConfigurationException(
                $"The tenant catalog in schema '{sql.Schema}' is not there yet or is an older release's, and the role may not make or change it ({refused.MessageText}). "
                + "Grant it CREATE on the database, or let a role that has it (and owns what is there) use the catalog once and grant the tables.");
        }
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Built by CatalogSql from quoted names alone.
        command.CommandText = text;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }
}
