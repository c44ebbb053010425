using System.Data.Common;
using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>The few statements of administration, on a connection that belongs to nobody else.</summary>
internal static class NpgsqlSession
{
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
