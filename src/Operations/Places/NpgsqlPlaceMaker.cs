using System.Data.Common;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Freehold.Operations.Migrating;
using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>Makes schemas and databases, marks them as their tenants', and gives rights there.</summary>
internal sealed class NpgsqlPlaceMaker(DatabaseProvider provider, TenantNamingOptions names, bool hasRows, NpgsqlRoles roles, int timeout)
{
    public async Task EnsureAsync(Site site, string schema, CancellationToken cancellationToken)
    {
        if (site.Placement is { Isolation: Isolation.Database })
        {
            await EnsureDatabaseAsync(site, cancellationToken).ConfigureAwait(false);
        }

        var connection = await provider.OpenAsync(site.Placement, maintenance: false, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        if (site.Placement is null or { Isolation: Isolation.Database })
        {
            await EnsurePlainSchemaAsync(connection, schema, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await EnsureSchemaAsync(connection, site, schema, cancellationToken).ConfigureAwait(false);
        }

        if (names.TypesSchema is { } types)
        {
            await EnsurePlainSchemaAsync(connection, types, cancellationToken).ConfigureAwait(false);
        }

        await roles.GrantAsync(connection, site, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What makes a tenant's schema in the transaction that fills it. Null where more is needed than that: a database, or roles. The schemas that all tenants share must be
    /// there, and the application's role must have its rights there: <see cref="EnsureAsync"/> sees to that.
    /// </summary>
    public PlaceCreation? CreationOf(Site site)
    {
        if (site.Placement is not { Isolation: Isolation.Schema, Database: null, Schema: { } schema } || provider.HasRole(site.Placement))
        {
            return null;
        }

        var (application, types) = (provider.Grantee(site.Placement), names.TypesSchema);
        List<string> hindrances = [$"pg_catalog.to_regnamespace({SqlText.Literal(SqlText.Identifier(schema))}) IS NOT NULL"];
        if (types is not null)
        {
            hindrances.Add($"pg_catalog.to_regnamespace({SqlText.Literal(SqlText.Identifier(types))}) IS NULL");
            hindrances.AddRange(application is null ? [] : [$"NOT pg_catalog.has_schema_privilege({SqlText.Literal(application)}, {SqlText.Literal(types)}, 'USAGE')"]);
        }

        return new(
            hindrances,
            $"CREATE SCHEMA {SqlText.Identifier(schema)}; {Ownership.MarkSql(Ownership.Schema, schema, site)}; {(application is null ? "" : NpgsqlGrants.Tables(schema, application))}");
    }

    // What the journal of steps says of an earlier schema of that name, which somebody may have dropped by hand, is not of this one. A creation at once is refused
    // where it says anything, and comes here.
    private static string CreateSql(string schema) => $"CREATE SCHEMA {SqlText.Identifier(schema)}; {StepJournal.ForgetSchemaSql(schema)}";

    private async Task EnsureDatabaseAsync(Site site, CancellationToken cancellationToken)
    {
        var name = site.Placement!.Database!;
        var connection = await provider.OpenAsync(site.Placement, maintenance: true, cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var claim = await Ownership.OfDatabaseAsync(connection, name, cancellationToken).ConfigureAwait(false);
        if (claim.IsOf(site))
        {
            return;
        }

        if (!claim.Exists)
        {
            await connection.ExecuteAsync($"CREATE DATABASE {SqlText.Identifier(name)}", timeout, cancellationToken).ConfigureAwait(false);
        }
        else if (claim.Spare is { } spare && !site.IsSpare)
        {
            await provider.AskAsync(site.Placement, there => TakeOverAsync(there, Ownership.Database, name, site, spare, cancellationToken), cancellationToken).ConfigureAwait(false);
            return;
        }
        else if (claim.Mark is not null || await provider.AskAsync(site.Placement, there => Ownership.HasTablesAsync(there, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            throw Ownership.Foreign(site, Ownership.Database, name, claim);
        }

        await connection.ExecuteAsync(Ownership.MarkSql(Ownership.Database, name, site), timeout, cancellationToken).ConfigureAwait(false);
    }

    private async Task EnsureSchemaAsync(DbConnection connection, Site site, string schema, CancellationToken cancellationToken)
    {
        var mark = Ownership.MarkSql(Ownership.Schema, schema, site);
        var claim = await Ownership.OfSchemaAsync(connection, schema, cancellationToken).ConfigureAwait(false);
        if (!claim.Exists)
        {
            // In one command, so in one transaction: never a schema without its mark.
            await connection.ExecuteAsync($"{CreateSql(schema)}; {mark}", timeout, cancellationToken).ConfigureAwait(false);
        }
        else if (claim is { Mark: null, IsUsed: false })
        {
            await connection.ExecuteAsync($"{StepJournal.ForgetSchemaSql(schema)}; {mark}", timeout, cancellationToken).ConfigureAwait(false);
        }
        else if (!claim.IsOf(site))
        {
            await (claim.Spare is { } spare && !site.IsSpare && !site.IsByRow
                ? TakeOverAsync(connection, Ownership.Schema, schema, site, spare, cancellationToken)
                : throw Ownership.Foreign(site, Ownership.Schema, schema, claim)).ConfigureAwait(false);
        }
    }

    // All of it or nothing: until the mark says whose the place is, it is taken over again.
    private async Task<bool> TakeOverAsync(DbConnection connection, string kind, string name, Site site, TenantId spare, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        if (hasRows)
        {
            await RowsOfTenant.GiveAsync(connection, spare, site.Tenant!.Id, names.TenantColumn, timeout, cancellationToken).ConfigureAwait(false);
        }

        await connection.ExecuteAsync(Ownership.MarkSql(kind, name, site), timeout, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task EnsurePlainSchemaAsync(DbConnection connection, string schema, CancellationToken cancellationToken)
    {
        // Looked for first: who may not make it need not, where it is there.
        if ((await Ownership.OfSchemaAsync(connection, schema, cancellationToken).ConfigureAwait(false)).Exists)
        {
            return;
        }

        try
        {
            await connection.ExecuteAsync(CreateSql(schema), timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (failure.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateSchema)
        {
        }
    }
}
