using Freehold.Core.Data.Connections;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Running;

/// <summary>A session that migrates one place after the other in a database. Nothing of one reaches the next.</summary>
internal sealed class WorkSession(NpgsqlProvider provider, NpgsqlPlaces places, Site first) : IAsyncDisposable
{
    // A backend keeps what it knows of every table that it met, about 9 KB each, until it ends.
    private const int MostSites = 200;

    private const string NoticesSql = "SELECT EXISTS (SELECT FROM pg_catalog.pg_settings WHERE name = 'client_connection_check_interval' AND setting <> '0')";

    private int _sites;
    private bool _noticesDeadClients;
    private bool _isOpen;
    private Task _leaving = Task.CompletedTask;

    public NpgsqlConnection Connection { get; } =
        (NpgsqlConnection)provider.CreateAdministrative(NpgsqlPlaces.Nameless(first.Placement), maintenance: false);

    /// <summary>Opens it, if it is not.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (!_isOpen)
        {
            await Connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await Connection.NoticeDeadClientsAsync(cancellationToken).ConfigureAwait(false);
            _noticesDeadClients = await Connection.RowAsync(NoticesSql, cancellationToken).ConfigureAwait(false) is [true];
            _isOpen = true;
        }
    }

    /// <summary>What makes unqualified names mean a place's tables, and what <see cref="Leave"/> may have made the session forget besides.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings(string schema) =>
        [("search_path", provider.SearchPath(schema)), .. _noticesDeadClients ? [("client_connection_check_interval", "500")] : ((string, string)[])[]];

    /// <summary>Makes the open session the one that works in a place: unqualified names mean its tables.</summary>
    /// <exception cref="TenantOperationException">There is no such place, or another session works there.</exception>
    public async Task EnterAsync(Site site, CancellationToken cancellationToken)
    {
        // In one round trip, where nobody else is there.
        var schema = places.SchemaOf(site)!;
        var row = await Connection.RowAsync(
            $"""
            {string.Concat(Settings(schema).Select(setting => $"SET {setting.Name} TO {setting.Value};"))}
            SELECT pg_catalog.current_schema()::text, pg_catalog.pg_try_advisory_lock({AdvisoryLock.WorkKey(Connection.Database, schema)})
            """,
            cancellationToken).ConfigureAwait(false);
        if (row is not [string current, bool isAlone] || current != schema)
        {
            throw NpgsqlPlaces.NoSchema(site, schema);
        }

        if (!isAlone)
        {
            await places.ClaimAsync(site, Connection, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets the place: settings, temporary tables, locks. Nobody has to wait for it but <see cref="HasLeftAsync"/>.</summary>
    public void Leave() => _leaving = Connection.ExecuteAsync("DISCARD ALL", 30, CancellationToken.None);

    /// <summary>Waits until the place is forgotten.</summary>
    /// <returns>False where the session cannot serve another one: it broke, or has served long enough.</returns>
    public async Task<bool> HasLeftAsync()
    {
        try
        {
            await _leaving.ConfigureAwait(false);
            return ++_sites < MostSites;
        }
#pragma warning disable CA1031 // A connection that broke before refuses as itself, not as the database. Either way the session is over, and who worked in it has heard why.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await HasLeftAsync().ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
    }
}
