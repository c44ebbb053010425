using System.Data.Common;
using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>Whose the rights in a place are: the application's role's, or those of the tenant's own role.</summary>
internal sealed class NpgsqlRoles(DatabaseProvider provider, TenantNamingOptions names, int timeout)
{
    private const string RoleSql = """
        SELECT pg_catalog.shobj_description(oid, 'pg_authid'), rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
        FROM pg_catalog.pg_roles WHERE rolname = $1
        """;

    /// <summary>
    /// Where another role migrates, gives the application's what it needs before there are tables: what migrations make is given with it.
    /// </summary>
    public async Task GrantAsync(DbConnection connection, Site site, CancellationToken cancellationToken)
    {
        if (provider.Grantee(site.Placement) is not { } application)
        {
            return;
        }

        var schema = site.Placement?.Schema ?? names.SharedSchema;
        if (provider.HasRole(site.Placement))
        {
            if (site.IsSpare)
            {
                // Nobody works there. Who takes it over gets a role, and with it what is there by then.
                return;
            }

            var role = names.RoleOf(site.Tenant!.Id);
            await EnsureAsync(connection, site, role, application, cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync(NpgsqlGrants.Revoked(schema, application) + NpgsqlGrants.Tables(schema, role), timeout, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await connection.ExecuteAsync(NpgsqlGrants.InTurn + NpgsqlGrants.Tables(schema, application), timeout, cancellationToken).ConfigureAwait(false);
        }

        // The schemas that all tenants share, once for all.
        foreach (var (shared, role, sql) in new[]
                 {
                     (names.SharedSchema, names.RoleOfAll, NpgsqlGrants.Tables(names.SharedSchema, names.RoleOfAll, mayWrite: false)),
                     (names.TypesSchema, names.RoleOfAll, NpgsqlGrants.Types(names.TypesSchema, names.RoleOfAll)),
                     (names.TypesSchema, application, NpgsqlGrants.Types(names.TypesSchema, application)),
                 })
        {
            if (shared is not null && await NpgsqlGrants.LacksAsync(connection, shared, role, cancellationToken).ConfigureAwait(false))
            {
                await connection.ExecuteAsync(NpgsqlGrants.InTurn + sql, timeout, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether the tenant's role is there, and is the tenant's.</summary>
    public async Task<bool> HasAsync(DbConnection connection, Site site, CancellationToken cancellationToken) =>
        await connection.RowAsync(RoleSql, cancellationToken, names.RoleOf(site.Tenant!.Id)).ConfigureAwait(false) is [string mark, _]
        && mark == Ownership.Mark(site);

    /// <summary>Drops a tenant's role after its schema; one that is still used in another database of the server stays.</summary>
    public async Task DropAsync(DbConnection connection, Site site, CancellationToken cancellationToken)
    {
        if (!await HasAsync(connection, site, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            await connection.ExecuteAsync($"DROP ROLE IF EXISTS {SqlText.Identifier(names.RoleOf(site.Tenant!.Id))}", timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException used) when (used.SqlState == PostgresErrorCodes.DependentObjectsStillExist)
        {
        }
    }

    // It cannot log in and owns nothing; the application's role can become it, and does not inherit from it.
    private async Task EnsureAsync(DbConnection connection, Site site, string role, string application, CancellationToken cancellationToken)
    {
        var (mark, quoted, all) = (Ownership.Mark(site), SqlText.Identifier(role), SqlText.Identifier(names.RoleOfAll));
        var found = await connection.RowAsync(RoleSql, cancellationToken, role).ConfigureAwait(false);
        if (found is not null && !(found is [string comment, false] && comment == mark))
        {
            throw site.Refused(
                $"the role '{role}' exists and is not marked as this tenant's, or may more than a tenant's role may, so it was left alone. Change "
                + "TenantNamingOptions.RoleTemplate, or drop that role.");
        }

        // Two tenants at once may both make the role of all: the second one finds it.
        await connection.ExecuteAsync(
            $"DO LANGUAGE plpgsql {SqlText.Literal($"BEGIN CREATE ROLE {all} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END")}",
            timeout,
            cancellationToken).ConfigureAwait(false);
        var made = found is null ? $"CREATE ROLE {quoted} NOLOGIN; COMMENT ON ROLE {quoted} IS {SqlText.Literal(mark)};" : "";
        var inherits = ((NpgsqlConnection)connection).PostgreSqlVersion.Major >= 16 ? " WITH INHERIT FALSE" : "";
        await connection.ExecuteAsync(
            $"{made} GRANT {all} TO {quoted}; GRANT {quoted} TO {SqlText.Identifier(application)}{inherits};", timeout, cancellationToken).ConfigureAwait(false);
    }
}
