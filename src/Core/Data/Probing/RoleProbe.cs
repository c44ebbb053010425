using Freehold.Core.Data.Connections;
using Freehold.Core.Placement;
using Npgsql;

namespace Freehold.Core.Data.Probing;

/// <summary>Whether the application's role is one that policies hold for: no superuser, no BYPASSRLS, no owner, and may not TRUNCATE.</summary>
internal sealed class RoleProbe(NpgsqlServer server, ProbeSettings settings)
{
    // $1 the schema of rows, $2 who owns tables from now on. A superuser is a member of every role: of one, only what is its own is told.
    private const string Sql = """
        WITH me AS (SELECT oid, rolname, rolsuper, rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = session_user),
        reach AS (
            SELECT r.oid, r.rolname, r.rolsuper, r.rolbypassrls,
                   (SELECT pg_catalog.string_agg(pg_catalog.format('REVOKE %I FROM %I;', d.rolname, me.rolname), E'\n')
                    FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles d ON d.oid = m.roleid
                    WHERE m.member = me.oid AND pg_catalog.pg_has_role(d.oid, r.oid, 'MEMBER')) AS revoke
            FROM me JOIN pg_catalog.pg_roles r ON r.oid = me.oid OR (NOT me.rolsuper AND pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER'))),
        tables AS (
            SELECT c.relowner, c.relacl, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
              AND (n.nspname = $1 OR c.relrowsecurity OR EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid)))
        SELECT 1, 'it is a superuser', CASE WHEN oid = 10 THEN NULL ELSE pg_catalog.format('ALTER ROLE %I NOSUPERUSER;', rolname) END
        FROM me WHERE rolsuper
        UNION ALL
        SELECT 2, 'it has BYPASSRLS', pg_catalog.format('ALTER ROLE %I NOBYPASSRLS;', rolname) FROM me WHERE rolbypassrls AND oid <> 10
        UNION ALL
        SELECT 3, pg_catalog.format('it is a member of %I, which bypasses policies', reach.rolname), revoke
        FROM reach, me WHERE reach.oid <> me.oid AND (reach.rolsuper OR reach.rolbypassrls)
        UNION ALL
        SELECT 4, pg_catalog.format('it owns the table %s', tables.name),
               pg_catalog.format(E'ALTER TABLE %s OWNER TO %I;\nGRANT SELECT, INSERT, UPDATE, DELETE ON %1$s TO %3$I;', tables.name, $2, me.rolname)
        FROM tables, me WHERE tables.relowner = me.oid AND me.oid <> 10
        UNION ALL
        SELECT 4, pg_catalog.format('it is a member of %I, which owns the table %s', reach.rolname, tables.name), revoke
        FROM tables, reach, me WHERE tables.relowner = reach.oid AND reach.oid <> me.oid AND NOT reach.rolsuper
        UNION ALL
        SELECT 5, pg_catalog.format('it may TRUNCATE %s', tables.name),
               pg_catalog.format('REVOKE TRUNCATE ON %s FROM %s;', tables.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(grantee.rolname) END)
        FROM tables, me, pg_catalog.aclexplode(tables.relacl) a LEFT JOIN pg_catalog.pg_roles grantee ON grantee.oid = a.grantee
        WHERE a.privilege_type = 'TRUNCATE' AND a.grantee <> tables.relowner AND me.oid <> 10
          AND (a.grantee = 0 OR a.grantee IN (SELECT oid FROM reach))
        ORDER BY 1
        """;

    public async Task RunAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var role = server.Configured().ConnectionStringBuilder.Username ?? "application";
        var migrator = server.Administrative().Username;
        var hasOwner = server.Grantee() is not null && migrator is not null;
        var owner = hasOwner ? migrator! : role + "_owner";
        var findings = await Findings.ReadAsync(source, Sql, cancellationToken, settings.RowSchema, owner).ConfigureAwait(false);
        if (findings.Count > 0)
        {
            throw new MultiTenancyConfigurationException(
                $"Server '{server.Name}': policies keep tenants' rows apart, and do not hold for the role '{role}': {Findings.Listed(findings)}. Let a role "
                + "that owns nothing connect, and another one migrate (NpgsqlServerOptions.MigrationConnectionString). An administrator runs:",
                Remedy(findings, role, owner, hasOwner));
        }
    }

    private string Remedy(IReadOnlyList<Finding> findings, string role, string owner, bool hasOwner)
    {
        if (findings.Any(finding => finding.Remedy is null))
        {
            // The superuser that the server was made with stays one.
            var (other, schema) = (SqlText.Identifier("freehold_app"), SqlText.Identifier(settings.RowSchema));
            return $"""
                CREATE ROLE {other} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
                GRANT USAGE ON SCHEMA {schema} TO {other};
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {other};
                GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {other};
                """;
        }

        var remedies = findings.Select(finding => finding.Remedy!).Distinct(StringComparer.Ordinal);
        var needsOwner = !hasOwner && remedies.Any(remedy => remedy.StartsWith("ALTER TABLE", StringComparison.Ordinal));
        return string.Join('\n', needsOwner ? remedies.Prepend($"CREATE ROLE {SqlText.Identifier(owner)} NOLOGIN;") : remedies);
    }
}
