using Freehold.Core.Data.Connections;
using Freehold.Operations.Places;
using Npgsql;

namespace Freehold.Operations.Running;

/// <summary>A session that migrates one place after the other in a database. Nothing of one reaches the next.</summary>
internal sealed class WorkSession(NpgsqlProvider provider, NpgsqlPlaces places, Site first) : IAsyncDisposable
{
    // A backend keeps what it knows of every table that it met, about 9 KB each, until it ends.
    private const int MostSites = 200;

    private int _sites;
    private bool _isOpen;

    public NpgsqlConnection Connection { get; } =
        (NpgsqlConnection)provider.CreateAdministrative(NpgsqlPlaces.Nameless(first.Placement), maintenance: false);

    /// <summary>Makes the session the one that works in a place: unqualified names mean its tables.</summary>
    /// <exception cref="TenantOperationException">There is no such place, or another session works there.</exception>
    public async Task EnterAsync(Site site, CancellationToken cancellationToken)
    {
        if (!_isOpen)
        {
            await Connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            _isOpen = true;
        }

        // The path as a setting of the session; NoticeDeadClientsAsync, because LeaveAsync forgets it with all else.
        var schema = places.SchemaOf(site)!;
        var row = await Connection.RowAsync(
            $"SET search_path TO {provider.SearchPath(schema)}; SELECT pg_catalog.current_schema()::text", cancellationToken).ConfigureAwait(false);
        if (row is not [string current] || current != schema)
        {
            throw NpgsqlPlaces.NoSchema(site, schema);
        }

        await Connection.NoticeDeadClientsAsync(cancellationToken).ConfigureAwait(false);
        await places.ClaimAsync(site, Connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets the place: settings, temporary tables, locks.</summary>
    /// <returns>False where the session has served long enough.</returns>
    public async Task<bool> LeaveAsync()
    {
        await Connection.ExecuteAsync("DISCARD ALL", 30, CancellationToken.None).ConfigureAwait(false);
        return ++_sites < MostSites;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
