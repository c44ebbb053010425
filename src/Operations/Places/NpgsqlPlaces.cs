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
    private const string Schema = "SCHEMA";
    private const string Database = "DATABASE";

    private int Timeout => options.Value.CommandTimeoutSeconds;

    private NpgsqlRoles Roles => new(Provider, naming.Value, Timeout);

    /// <summary>A placement that names no tenant's schema, for sessions that serve several: also because each connection string has a life of its own in Npgsql.</summary>
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
        using var connection = (NpgsqlConnection)Provider.CreateAdministrative(placement, maintenance: false);
        var settings = new NpgsqlConnectionStringBuilder(connection.ConnectionString);
        return new(
            $"{settings.Host?.ToLowerInvariant()}:{settings.Port}/{settings.Database ?? settings.Username}",
            placement.Isolation == Isolation.Database ? null : placement.Schema,
            placement.Isolation == Isolation.Row);
    }

    public override string? SchemaOf(Site site) => site.Placement?.Schema ?? naming.Value.SharedSchema;

    // A whole database is dropped or filled only if it can be nobody else's.
    public override Task<IAsyncDisposable> LockAsync(Site site, CancellationToken cancellationToken) => LockAsync(site, SchemaOf(site)!, cancellationToken);

    // No schema can have that name.
    public override Task<IAsyncDisposable> LockSparesAsync(CancellationToken cancellationToken) => LockAsync(Site.Shared, "\0spares", cancellationToken);

    public override async Task EnsureAsync(Site site, CancellationToken cancellationToken)
    {
        if (site.Placement is { Isolation: Isolation.Database })
        {
            await EnsureDatabaseAsync(site, cancellationToken).ConfigureAwait(false);
        }

        var connection = await ConnectAsync(site.Placement, maintenance: false, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        if (site.Placement is null or { Isolation: Isolation.Database })
        {
            await EnsurePlainSchemaAsync(connection, SchemaOf(site)!, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await EnsureSchemaAsync(connection, site, site.Placement.Schema!, cancellationToken).ConfigureAwait(false);
        }

        if (naming.Value.TypesSchema is { } types)
        {
            await EnsurePlainSchemaAsync(connection, types, cancellationToken).ConfigureAwait(false);
        }

        await Roles.GrantAsync(connection, site, cancellationToken).ConfigureAwait(false);
    }

    public override async Task<DbConnection> OpenAsync(Site site, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(site.Placement, maintenance: false, cancellationToken).ConfigureAwait(false);
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

    public override async Task<bool> CanDropAsync(Site site, CancellationToken cancellationToken)
    {
        var (kind, name) = Target(site.Placement!);
        var connection = await ConnectAsync(site.Placement, maintenance: true, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        if (site.Placement!.Database is { } database
            && !(await Ownership.OfDatabaseAsync(connection, database, cancellationToken).ConfigureAwait(false)).Exists)
        {
            return false;
        }

        var claim = kind == Database
            ? await Ownership.OfDatabaseAsync(connection, name, cancellationToken).ConfigureAwait(false)
            : await AskAsync(site.Placement, there => Ownership.OfSchemaAsync(there, name, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (!claim.Exists && Provider.HasRole(site.Placement))
        {
            return await Roles.HasAsync(connection, site, cancellationToken).ConfigureAwait(false);
        }

        return !claim.Exists || claim.IsOf(site) ? claim.Exists : throw Ownership.Foreign(site, kind, name);
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

    public override async Task<bool> DropAsync(Site site, PlaceArchive? archive, CancellationToken cancellationToken)
    {
        var content = (archive as NpgsqlPlaceArchive)?.Content;
        var (kind, name) = Target(site.Placement!);
        if (kind == Database)
        {
            Provider.Forget(site.Placement!);

            // A database cannot be dropped in a transaction: who writes after this has come past the record, which says for long that the tenant is gone.
            if (content is not null && !await AskAsync(site.Placement!, there => IsSameAsync(there, content, cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        var connection = await ConnectAsync(site.Placement, maintenance: kind == Database, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var wait = Math.Max(1, (long)options.Value.LockTimeout.TotalMilliseconds);
        await connection.ExecuteAsync($"SET lock_timeout = {wait}", Timeout, cancellationToken).ConfigureAwait(false);
        if (site.IsByRow)
        {
            return await RowsOfTenant.DeleteAsync(
                (NpgsqlConnection)connection, site.Tenant!.Id, naming.Value.TenantColumn, content, Timeout, cancellationToken).ConfigureAwait(false);
        }

        if (kind == Database)
        {
            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {SqlText.Identifier(name)} WITH (FORCE)", Timeout, cancellationToken).ConfigureAwait(false);
        }
        else if (!await DropSchemaAsync(connection, name, content, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (Provider.HasRole(site.Placement))
        {
            await Roles.DropAsync(connection, site, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

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

    private static (string Kind, string Name) Target(ResolvedPlacement placement) =>
        placement.Isolation == Isolation.Database ? (Database, placement.Database!) : (Schema, placement.Schema!);

    // In one transaction with a last look at what was archived, behind locks: nobody writes in between.
    private async Task<bool> DropSchemaAsync(DbConnection connection, string name, NpgsqlContent? content, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        if (content is not null)
        {
            await connection.ExecuteAsync(content.LockSql, Timeout, cancellationToken).ConfigureAwait(false);
            if (!await content.IsSameAsync((NpgsqlConnection)connection, Timeout, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        await connection.ExecuteAsync($"DROP SCHEMA IF EXISTS {SqlText.Identifier(name)} CASCADE", Timeout, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> IsSameAsync(DbConnection connection, NpgsqlContent content, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        return await content.IsSameAsync((NpgsqlConnection)connection, Timeout, cancellationToken).ConfigureAwait(false);
    }

    private async Task EnsureDatabaseAsync(Site site, CancellationToken cancellationToken)
    {
        var name = site.Placement!.Database!;
        var connection = await ConnectAsync(site.Placement, maintenance: true, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var claim = await Ownership.OfDatabaseAsync(connection, name, cancellationToken).ConfigureAwait(false);
        if (claim.IsOf(site))
        {
            return;
        }

        if (!claim.Exists)
        {
            await connection.ExecuteAsync($"CREATE DATABASE {SqlText.Identifier(name)}", Timeout, cancellationToken).ConfigureAwait(false);
        }
        else if (claim.Spare is { } spare && !site.IsSpare)
        {
            await AskAsync(site.Placement, there => TakeOverAsync(there, Database, name, site, spare, cancellationToken), cancellationToken).ConfigureAwait(false);
            return;
        }
        else if (claim.Mark is not null || await AskAsync(site.Placement, there => Ownership.HasTablesAsync(there, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            throw Ownership.Foreign(site, Database, name);
        }

        await connection.ExecuteAsync(Ownership.MarkSql(Database, name, site), Timeout, cancellationToken).ConfigureAwait(false);
    }

    private async Task EnsureSchemaAsync(DbConnection connection, Site site, string schema, CancellationToken cancellationToken)
    {
        var mark = Ownership.MarkSql(Schema, schema, site);
        var claim = await Ownership.OfSchemaAsync(connection, schema, cancellationToken).ConfigureAwait(false);
        if (!claim.Exists)
        {
            // In one command, so in one transaction: never a schema without its mark.
            await connection.ExecuteAsync($"CREATE SCHEMA {SqlText.Identifier(schema)}; {mark}", Timeout, cancellationToken).ConfigureAwait(false);
        }
        else if (claim is { Mark: null, IsUsed: false })
        {
            await connection.ExecuteAsync(mark, Timeout, cancellationToken).ConfigureAwait(false);
        }
        else if (!claim.IsOf(site))
        {
            await (claim.Spare is { } spare && !site.IsSpare && !site.IsByRow
                ? TakeOverAsync(connection, Schema, schema, site, spare, cancellationToken)
                : throw Ownership.Foreign(site, Schema, schema)).ConfigureAwait(false);
        }
    }

    // All of it or nothing: until the mark says whose the place is, it is taken over again.
    private async Task<bool> TakeOverAsync(DbConnection connection, string kind, string name, Site site, TenantId spare, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        if (tenancy.Value.HasRow)
        {
            await RowsOfTenant.GiveAsync(connection, spare, site.Tenant!.Id, naming.Value.TenantColumn, Timeout, cancellationToken).ConfigureAwait(false);
        }

        await connection.ExecuteAsync(Ownership.MarkSql(kind, name, site), Timeout, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task EnsurePlainSchemaAsync(DbConnection connection, string schema, CancellationToken cancellationToken)
    {
        // Looked for first: IF NOT EXISTS asks for the right to create also where there is nothing to create.
        if ((await Ownership.OfSchemaAsync(connection, schema, cancellationToken).ConfigureAwait(false)).Exists)
        {
            return;
        }

        try
        {
            await connection.ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS {SqlText.Identifier(schema)}", Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (failure.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateSchema)
        {
        }
    }

    private async Task<T> AskAsync<T>(ResolvedPlacement placement, Func<DbConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(placement, maintenance: false, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        return await ask(connection).ConfigureAwait(false);
    }

    private async Task<IAsyncDisposable> LockAsync(Site site, string name, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)Provider.CreateAdministrative(site.Placement, maintenance: true);
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

    private async Task<DbConnection> ConnectAsync(ResolvedPlacement? placement, bool maintenance, CancellationToken cancellationToken)
    {
        var connection = Provider.CreateAdministrative(placement, maintenance);
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
}
