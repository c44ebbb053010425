using System.Data.Common;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>The few statements of administration, on a connection that belongs to nobody else.</summary>
internal static class NpgsqlSession
{
    /// <summary>Opens a connection to a placement's database, or to its server's maintenance database.</summary>
    public static async Task<DbConnection> OpenAsync(this DatabaseProvider provider, ResolvedPlacement? placement, bool maintenance, CancellationToken cancellationToken)
    {
        var connection = provider.CreateAdministrative(placement, maintenance);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks a placement's own database, on a connection for that alone.</summary>
    public static async Task<T> AskAsync<T>(this DatabaseProvider provider, ResolvedPlacement placement, Func<DbConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        var connection = await provider.OpenAsync(placement, maintenance: false, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await ask(connection).ConfigureAwait(false);
    }

    public static async Task ExecuteAsync(this DbConnection connection, string sql, int timeout, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = sql;
        command.CommandTimeout = timeout;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first row, or null where there is none; NULL comes as null.</summary>
    public static async Task<object?[]?> RowAsync(this DbConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        var command = connection.CreateCommand();
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = sql;
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var row = new object?[reader.FieldCount];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
        }

        return row;
    }

    /// <summary>
    /// Lets the server notice within half a second that the process at the other end died, instead of finishing its long statement first.
    /// Servers that cannot do it (before 14, or not on Linux) are left as they are.
    /// </summary>
    public static async Task NoticeDeadClientsAsync(this DbConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RowAsync(
                "SELECT set_config(name, '500ms', false) FROM pg_catalog.pg_settings WHERE name = 'client_connection_check_interval'",
                cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (failure.SqlState is PostgresErrorCodes.InvalidParameterValue)
        {
        }
    }
}
