using System.Security.Cryptography;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Npgsql;

namespace Freehold.Core.Data.Probing;

/// <summary>Whether a session is the application's for as long as it is connected, and starts on the closed search path.</summary>
internal sealed class SessionProbe(NpgsqlServer server, ProbeSettings settings)
{
    private const string Setting = "freehold.nonce";

    // How often the second connection looks into a session, where somebody stands between. A pooler has twenty sessions by default.
    private const int Rounds = 20;

    private const int Patience = 5;

    public async Task RunAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        if (await PathDefectAsync(source, cancellationToken).ConfigureAwait(false) is { } path)
        {
            throw path;
        }

        if (await PoolerDefectAsync(source, cancellationToken).ConfigureAwait(false) is { } pooler)
        {
            throw pooler;
        }
    }

    /// <summary>What is wrong with the search path that sessions start on, or null.</summary>
    public async Task<MultiTenancyConfigurationException?> PathDefectAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(source, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await CheckPathAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What is wrong with who stands between, or null.</summary>
    public async Task<MultiTenancyConfigurationException?> PoolerDefectAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var first = await OpenAsync(source, cancellationToken).ConfigureAwait(false);
        await using var _ = first.ConfigureAwait(false);
        return server.IsPooled || !await SharesSessionsAsync(source, first, cancellationToken).ConfigureAwait(false)
            ? null
            : new MultiTenancyConfigurationException(
                $"Server '{server.Name}' is behind a pooler that gives a session to another client after every transaction (PgBouncer's transaction mode), and "
                + "it was not said so: what one tenant sets there, the next one finds. Set NpgsqlServerOptions.Pooler = PoolerMode.Transaction.");
    }

    private async Task<NpgsqlConnection> OpenAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            return await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refusal) when (
            refusal.SqlState == PostgresErrorCodes.ProtocolViolation && refusal.MessageText.Contains("startup parameter", StringComparison.Ordinal))
        {
            throw new MultiTenancyConfigurationException(
                $"Server '{server.Name}' is behind a pooler that takes no search path when a session starts ({refusal.MessageText}). If it gives a session to "
                + "another client after every transaction, set NpgsqlServerOptions.Pooler = PoolerMode.Transaction; if it does not, connect past it.");
        }
    }

    // A session's own default is what counts: what it is set to at the moment may be somebody else's behind a pooler.
    private async Task<MultiTenancyConfigurationException?> CheckPathAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var path = await ReadAsync(connection, "SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'search_path'", cancellationToken).ConfigureAwait(false);
        if (Open(path) is not { } open)
        {
            return null;
        }

        if (!server.IsPooled)
        {
            return new MultiTenancyConfigurationException(
                $"Sessions of server '{server.Name}' start on the search path '{path}', though Freehold asked for a closed one: something between drops it, and a "
                + $"session without a tenant would read '{open}'. Connect past it, or set NpgsqlServerOptions.Pooler = PoolerMode.Transaction.");
        }

        var role = await ReadAsync(connection, "SELECT session_user::text", cancellationToken).ConfigureAwait(false);
        return new MultiTenancyConfigurationException(
            $"Sessions of server '{server.Name}' start on the search path '{path}', so that one without a tenant would read '{open}'. Behind a pooler the closed one "
            + "has to be the default of the application's role. Run this, then let the pooler make its sessions anew (PgBouncer: RECONNECT):",
            $"ALTER ROLE {SqlText.Identifier(role)} SET search_path TO {settings.ClosedPath};");
    }

    private string? Open(string path) => path
        .Split(',')
        .Select(name => name.Trim().Trim('"'))
        .FirstOrDefault(name => name.Length > 0 && !settings.OpenSchemas.Contains(name));

    // What one connection left in its session, the other one finds there: at once, or after as many transactions as there are sessions. Or the
    // first one finds itself in another session while the second holds the one it had.
    private static async Task<bool> SharesSessionsAsync(NpgsqlDataSource source, NpgsqlConnection first, CancellationToken cancellationToken)
    {
        var nonce = RandomNumberGenerator.GetHexString(16, lowercase: true);
        await ReadAsync(first, $"SELECT set_config('{Setting}', '{nonce}', false)", cancellationToken).ConfigureAwait(false);

        // A pooler answers with a key of its own.
        var isBetween = await ReadAsync(first, "SELECT pg_catalog.pg_backend_pid()::text", cancellationToken).ConfigureAwait(false) != $"{first.ProcessID}";
        var second = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = second.ConfigureAwait(false);
        for (var round = 0; round < (isBetween ? Rounds : 2); round++)
        {
            var transaction = await second.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = transaction.ConfigureAwait(false);
            try
            {
                if (await ReadAsync(second, Nonce, cancellationToken).ConfigureAwait(false) == nonce)
                {
                    await ReadAsync(second, $"SELECT set_config('{Setting}', '', false)", cancellationToken).ConfigureAwait(false);
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return true;
                }
            }
            catch (NpgsqlException failure) when (failure.InnerException is TimeoutException)
            {
                // There is one session, and the first connection keeps it though it does nothing.
                return false;
            }

            if (await ReadAsync(first, Nonce, cancellationToken).ConfigureAwait(false) != nonce)
            {
                return true;
            }
        }

        return false;
    }

    private const string Nonce = $"SELECT coalesce(current_setting('{Setting}', true), '')";

    private static async Task<string> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = Patience };
        await using var _ = command.ConfigureAwait(false);
        return (string)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }
}
