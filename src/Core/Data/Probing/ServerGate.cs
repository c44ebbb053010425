using Freehold.Core.Data.Connections;
using Npgsql;

namespace Freehold.Core.Data.Probing;

/// <summary>
/// Lets nobody to a database before PostgreSQL itself was asked whether tenants' sessions can be kept apart there: once for all, at start-up, or
/// where the database could not be reached then, before the first connection to it.
/// </summary>
internal sealed class ServerGate(NpgsqlServer server, string? database, ProbeSettings settings) : IDisposable
{
    private readonly SemaphoreSlim _once = new(1);
    private volatile bool _isSessionSafe;
    private volatile bool _isRoleSafe;

    /// <summary>Returns at once where all was asked before.</summary>
    /// <param name="needsRole">Whether policies keep the tenants apart, so that the role must not bypass them.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <exception cref="MultiTenancyConfigurationException">They cannot be kept apart.</exception>
    public ValueTask PassAsync(bool needsRole, CancellationToken cancellationToken) =>
        _isSessionSafe && (_isRoleSafe || !needsRole) ? default : new(AskAsync(needsRole, cancellationToken));

    public void Dispose() => _once.Dispose();

    private async Task AskAsync(bool needsRole, CancellationToken cancellationToken)
    {
        await _once.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var source = Open(server, database, settings);
            await using var _ = source.ConfigureAwait(false);
            if (!_isSessionSafe)
            {
                await new SessionProbe(server, settings).RunAsync(source, cancellationToken).ConfigureAwait(false);
                if (server.Options.RolePerTenant)
                {
                    await new TenantRoleProbe(server).RunAsync(source, cancellationToken).ConfigureAwait(false);
                }

                _isSessionSafe = true;
            }

            if (needsRole && !_isRoleSafe)
            {
                await new RoleProbe(server, settings).RunAsync(source, cancellationToken).ConfigureAwait(false);
                _isRoleSafe = true;
            }
        }
        finally
        {
            _once.Release();
        }
    }

    /// <summary>The application's own way in, but with sessions of the asker's own, in which no transaction of a caller takes part.</summary>
    public static NpgsqlDataSource Open(NpgsqlServer server, string? database, ProbeSettings settings) => server.Open(database, settings.ClosedPath, Unpooled);

    private static void Unpooled(NpgsqlDataSourceBuilder builder)
    {
        builder.ConnectionStringBuilder.Pooling = false;
        builder.ConnectionStringBuilder.Enlist = false;
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
    }
}

/// <summary>What the probes have to know of the names.</summary>
/// <param name="ClosedPath">The search path of a session without a tenant.</param>
/// <param name="OpenSchemas">The schemas that may be on it, because they hold no tables.</param>
/// <param name="RowSchema">The schema of tenants that are isolated by row.</param>
internal sealed record ProbeSettings(string ClosedPath, IReadOnlyCollection<string> OpenSchemas, string RowSchema);
