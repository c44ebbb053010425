using System.Collections.Concurrent;
using System.Data.Common;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Archiving;
using Freehold.Operations.Migrating;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>A schema or a database per tenant.</summary>
internal sealed class NpgsqlPlaces(
    DatabaseProvider provider, IOptions<TenantOperationsOptions> options, IOptions<MultiTenancyOptions> tenancy, IOptions<TenantNamingOptions> naming,
    ILogger<NpgsqlPlaces> logger) : TenantPlaces(provider)
{
    // By server and database: a provisioning compares its place with those of all tenants.
    private readonly ConcurrentDictionary<(string Server, string? Database), string> _endpoints = new();

    private int Timeout => options.Value.CommandTimeoutSeconds;

    private NpgsqlRoles Roles => new(Provider, naming.Value, Timeout);

    private NpgsqlPlaceMaker Maker => new(Provider, naming.Value, tenancy.Value.HasRow, Roles, Timeout);

    private NpgsqlPlaceDropper Dropper => new(Provider, naming.Value, Roles, options.Value);

    /// <summary>A placement that names no tenant's schema, for sessions that serve several: also because Npgsql keeps what it knows of each connection string for ever, the types of its database included.</summary>
    public static ResolvedPlacement? Nameless(ResolvedPlacement? placement) => placement is null ? null : placement with { Schema = NpgsqlServer.Nobody };

    /// <summary>Makes a closed connection one that rests, while its locks are held: nothing on the way shall think that it is forgotten.</summary>
    public static NpgsqlConnection Resting(NpgsqlConnection connection)
    {
        connection.ConnectionString = new NpgsqlConnectionStringBuilder(connection.ConnectionString) { KeepAlive = 30, TcpKeepAlive = true }.ConnectionString;
        return connection;
    }

    public static TenantOperationException NoSchema(Site site, string schema) =>
        site.Refused($"the schema '{schema}' does not exist, or the role may not use it. Provision it (ITenantProvisioner) first, or GRANT USAGE.");

    public override PlaceIdentity Identify(ResolvedPlacement placement)
    {
        var endpoint = _endpoints.GetOrAdd((placement.Server, placement.Database), _ => Endpoint(placement));
        return new(endpoint, placement.Isolation == Isolation.Database ? null : placement.Schema, placement.Isolation == Isolation.Row);
    }

    public override string? SchemaOf(Site site) => site.Placement?.Schema ?? naming.Value.SharedSchema;

    // A whole database is dropped or filled only if it can be nobody else's.
    public override Task<IAsyncDisposable> LockAsync(Site site, CancellationToken cancellationToken) => LockAsync(site, SchemaOf(site)!, cancellationToken);

    // No schema can have that name.
    public override Task<IAsyncDisposable> LockSparesAsync(CancellationToken cancellationToken) => LockAsync(Site.Shared, "\0spares", cancellationToken);

    public override Task EnsureAsync(Site site, CancellationToken cancellationToken) => Maker.EnsureAsync(site, SchemaOf(site)!, cancellationToken);

    /// <inheritdoc cref="NpgsqlPlaceMaker.CreationOf"/>
    public PlaceCreation? CreationOf(Site site) => Maker.CreationOf(site);

    public override async Task<DbConnection> OpenAsync(Site site, CancellationToken cancellationToken)
    {
        var connection = await Provider.OpenAsync(site.Placement, maintenance: false, cancellationToken).ConfigureAwait(false);
        try
        {
            // A schema that is missing is no error to PostgreSQL: tables would be made in the next one on the path.
            var schema = SchemaOf(site)!;
            var row = await connection.RowAsync("SELECT pg_catalog.current_schema()::text", cancellationToken).ConfigureAwait(false);
            if (row is not [string current] || current != schema)
            {
                throw NoSchema(site, schema);
            }

            await connection.NoticeDeadClientsAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override Task ClaimAsync(Site site, DbConnection connection, CancellationToken cancellationToken)
    {
        var key = AdvisoryLock.WorkKey(connection.Database, SchemaOf(site)!);
        return PollAsync(site, options.Value.LockTimeout, TryAsync, cancellationToken);

        async Task<DbConnection?> TryAsync() => await AdvisoryLock.TryAsync((NpgsqlConnection)connection, key, cancellationToken).ConfigureAwait(false) ? connection : null;
    }

    public override bool HasSessionOf(Site site) => tenancy.Value.HasRow;

    // The setting is also the default of the tenant's column: rows from before there was one get it. A migration in a place of rows speaks for nobody.
    public override async Task BeginAsync(Site site, DbConnection connection, CancellationToken cancellationToken)
    {
        if (tenancy.Value.HasRow)
        {
            var tenant = site.IsByRow ? "" : site.Tenant?.Id.Value ?? "";
            await connection.RowAsync("SELECT set_config($1, $2, false)", cancellationToken, TenantSetting.Name, tenant).ConfigureAwait(false);
        }
    }

    public override async Task ProtectAsync(Site site, DbConnection connection, CancellationToken cancellationToken)
    {
        if (site.IsByRow)
        {
            var mended = await RowPolicies.MendAsync(connection, site, naming.Value.TenantColumn, Timeout, cancellationToken).ConfigureAwait(false);
            if (mended.Count > 0)
            {
                logger.Mended(string.Join(", ", mended));
            }
        }
    }

    public override async Task<PlaceArchive> ArchiveAsync(
        Site site, ArchiveFile file, MigrationScripts scripts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)await OpenAsync(site, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var content = await NpgsqlContent.OfAsync(connection, site, naming.Value.TenantColumn, cancellationToken).ConfigureAwait(false);
        var archiver = new NpgsqlArchiver(connection, site, content, Timeout);
        return new NpgsqlPlaceArchive(await archiver.WriteAsync(file, scripts.Of(site, connection), now, cancellationToken).ConfigureAwait(false), content);
    }

    public override Task<bool> CanDropAsync(Site site, CancellationToken cancellationToken) => Dropper.CanDropAsync(site, cancellationToken);

    public override Task<string?> CondemnAsync(Site site, CancellationToken cancellationToken) => Dropper.MarkAsync(site, Ownership.DroppedMark + site.Id, cancellationToken);

    public override Task RestoreAsync(Site site, string mark) => Dropper.MarkAsync(site, mark, CancellationToken.None);

    public override Task<bool> DropAsync(Site site, PlaceArchive? archive, CancellationToken cancellationToken) =>
        Dropper.DropAsync(site, (archive as NpgsqlPlaceArchive)?.Content, cancellationToken);

    // A server that is stopped may have committed.
    public override bool DroppedNothing(Exception failure) => failure is PostgresException { SqlState: var state } && !state.StartsWith("57P", StringComparison.Ordinal);

    public override async Task RefreshAsync(Site site, CancellationToken cancellationToken)
    {
        if (naming.Value.TypesSchema is null)
        {
            return;
        }

        // A data source reads the types of its database once: those that a migration has just made would be unknown to it.
        var source = site.Placement is null ? Provider.RentShared() : Provider.Rent(site.Placement);
        try
        {
            await ((NpgsqlSource)source).DataSource.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            source.Return();
        }
    }

    public override TenantOperationException Explain(Site site, string doing, Exception failure) => NpgsqlErrors.Explain(site, doing, failure);

    private string Endpoint(ResolvedPlacement placement)
    {
        using var connection = (NpgsqlConnection)Provider.CreateAdministrative(Nameless(placement), maintenance: false);
        var settings = new NpgsqlConnectionStringBuilder(connection.ConnectionString);
        return $"{settings.Host?.ToLowerInvariant()}:{settings.Port}/{settings.Database ?? settings.Username}";
    }

    private async Task<IAsyncDisposable> LockAsync(Site site, string name, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)Provider.CreateAdministrative(Nameless(site.Placement), maintenance: true);
        try
        {
            await Resting(connection).OpenAsync(cancellationToken).ConfigureAwait(false);
            var key = AdvisoryLock.Key(site.Placement?.Database ?? connection.Database, name);
            return await PollAsync(
                site, options.Value.LockTimeout, () => AdvisoryLock.TryTakeAsync(connection, key, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
