using Freehold.Core.Data.Connections;
using Npgsql;

namespace Freehold.Core.Data.Probing;

/// <summary>Whether a session without a tenant has no rights where every tenant has a role: the application's role has them only by SET ROLE.</summary>
internal sealed class TenantRoleProbe(NpgsqlServer server)
{
    private const string Sql = """
        WITH me AS (SELECT oid, rolname, rolsuper, rolinherit FROM pg_catalog.pg_roles WHERE rolname = session_user),
        version AS (SELECT pg_catalog.current_setting('server_version_num')::int AS number)
        SELECT 1, 'it is a superuser', CASE WHEN oid = 10 THEN NULL ELSE pg_catalog.format('ALTER ROLE %I NOSUPERUSER;', rolname) END FROM me WHERE rolsuper
        UNION ALL
        SELECT 2, 'it inherits the rights of every tenant''s role', pg_catalog.format('ALTER ROLE %I NOINHERIT;', me.rolname)
        FROM me, version WHERE me.rolinherit AND NOT me.rolsuper AND version.number < 160000
        UNION ALL
        SELECT 3, pg_catalog.format('it inherits the rights of %I', r.rolname), pg_catalog.format('GRANT %I TO %I WITH INHERIT FALSE;', r.rolname, me.rolname)
        FROM me, version, pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
        WHERE m.member = me.oid AND NOT me.rolsuper AND version.number >= 160000 AND pg_catalog.pg_has_role(me.oid, r.oid, 'USAGE')
          AND pg_catalog.shobj_description(r.oid, 'pg_authid') LIKE 'Freehold tenant %'
        UNION ALL
        SELECT 4, pg_catalog.format('it may use the schema %I', n.nspname), pg_catalog.format('REVOKE ALL ON SCHEMA %I FROM %I;', n.nspname, me.rolname)
        FROM me, version, pg_catalog.pg_namespace n
        WHERE NOT me.rolsuper AND (NOT me.rolinherit OR version.number >= 160000) AND pg_catalog.has_schema_privilege(me.oid, n.oid, 'USAGE')
          AND pg_catalog.obj_description(n.oid, 'pg_namespace') LIKE 'Freehold tenant %'
        ORDER BY 1
        """;

    public async Task RunAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var findings = await Findings.ReadAsync(source, Sql, cancellationToken).ConfigureAwait(false);
        if (findings.Count > 0)
        {
            throw new MultiTenancyConfigurationException(
                $"Server '{server.Name}' has a role per tenant, but its own role '{server.Configured().ConnectionStringBuilder.Username}' reaches tenants' schemas "
                + $"without becoming one of them: {Findings.Listed(findings)}. An administrator runs:",
                string.Join('\n', findings.Select(finding => finding.Remedy ?? "CREATE ROLE \"freehold_app\" LOGIN NOSUPERUSER NOINHERIT;").Distinct(StringComparer.Ordinal)));
        }
    }
}
