namespace Freehold.Operations.Diagnosing;

/// <summary>
/// The rules that pg_catalog answers, all of them in one query. Each row is a rule, an object, a sentence about it and the SQL that mends it.
/// $1 the schema of rows, $2 the tenant's column, $3 the application's role, $4 what gives a table of the current schema its policy, $5 who
/// owns tables.
/// </summary>
internal static class DoctorSql
{
    // A table of tenants is every one in a schema of rows but EF's history, which is known by its columns. A superuser is a member of every
    // role: of one, only what is its own is told.
    private const string With = """
        WITH places AS (
            SELECT oid, nspname FROM pg_catalog.pg_namespace n
            WHERE nspname = $1 OR pg_catalog.obj_description(oid, 'pg_namespace') = 'Freehold rows'),
        tables AS (
            SELECT c.oid, c.relkind, c.relowner, c.relacl, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, n.nspname,
                   pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
                   (SELECT a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped) AS tenant,
                   EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid) AS has_policy
            FROM pg_catalog.pg_class c JOIN places n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p')
              AND (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0)
                  IS DISTINCT FROM ARRAY['MigrationId', 'ProductVersion']),
        readers AS (
            SELECT DISTINCT v.oid, v.relkind, v.reloptions, pg_catalog.format('%I.%I', n.nspname, v.relname) AS name
            FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                JOIN pg_catalog.pg_class v ON v.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
            WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid IN (SELECT oid FROM tables) AND v.relkind IN ('v', 'm')),
        me AS (SELECT oid, rolname, rolsuper, rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = $3),
        reach AS (
            SELECT r.oid, r.rolname, r.rolsuper, r.rolbypassrls FROM me
            JOIN pg_catalog.pg_roles r ON r.oid = me.oid OR (NOT me.rolsuper AND pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER')))
        """;

    private const string Policies = """
        SELECT 'FHD001', name, 'its policies do not hold for its owner', pg_catalog.format('ALTER TABLE %s FORCE ROW LEVEL SECURITY;', name)
        FROM tables WHERE relrowsecurity AND NOT relforcerowsecurity AND has_policy
        UNION ALL
        SELECT 'FHD004', name, CASE WHEN tenant IS NULL THEN 'it has no tenant''s column, so its rows are everybody''s' ELSE 'no policy keeps its tenants apart' END,
               CASE WHEN tenant IS NOT NULL THEN pg_catalog.format(E'SET search_path TO %I;\n%s', nspname, $4) END
        FROM tables WHERE NOT relispartition AND (tenant IS NULL OR NOT relrowsecurity OR NOT has_policy)
        UNION ALL
        SELECT 'FHD008', name, 'it is a partition without a policy of its own: read directly, it shows all rows', pg_catalog.format(E'SET search_path TO %I;\n%s', nspname, $4)
        FROM tables WHERE relispartition AND (NOT relrowsecurity OR NOT has_policy)
        UNION ALL
        SELECT 'FHD005', name, 'it is a view that reads tenants'' rows as its owner, for whom policies may not hold',
               pg_catalog.format('ALTER VIEW %s SET (security_invoker = true);', name)
        FROM readers WHERE relkind = 'v' AND NOT coalesce(reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)
        UNION ALL
        SELECT 'FHD007', name, 'it is a materialised view with the rows of all tenants, which no policy protects', pg_catalog.format('DROP MATERIALIZED VIEW %s;', name)
        FROM readers WHERE relkind = 'm'
        """;

    private const string Keys = """
        SELECT 'FHD009', pg_catalog.format('%I.%I', t.nspname, c.relname), pg_catalog.format('it is unique on %s without the tenant: a value of one tenant is refused to another', t.name), NULL
        FROM tables t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
        WHERE t.tenant IS NOT NULL AND i.indisunique AND NOT t.tenant = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])
        UNION ALL
        SELECT 'FHD010', pg_catalog.format('%s %I', t.name, c.conname), 'it is a reference without the tenant: a row can name another tenant''s, and checks ignore policies', NULL
        FROM tables t JOIN pg_catalog.pg_constraint c ON c.conrelid = t.oid AND c.contype = 'f' JOIN tables target ON target.oid = c.confrelid
        WHERE t.tenant IS NOT NULL AND target.tenant IS NOT NULL
          AND coalesce(c.confkey[pg_catalog.array_position(c.conkey, t.tenant)] <> target.tenant, true)
        UNION ALL
        SELECT 'FHD012', name, 'no index begins with the tenant: its policy reads the rows of all',
               pg_catalog.format('CREATE INDEX CONCURRENTLY ON %s (%I);', name, $2)
        FROM tables t WHERE tenant IS NOT NULL AND relkind = 'r'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = t.oid AND i.indisvalid AND i.indkey[0] = t.tenant)
        """;

    private const string Roles = """
        SELECT 'FHD002', pg_catalog.quote_ident(r.rolname), 'the application is, or can become, this superuser',
               CASE WHEN r.oid = me.oid AND r.oid <> 10 THEN pg_catalog.format('ALTER ROLE %I NOSUPERUSER;', r.rolname) WHEN r.oid <> me.oid THEN pg_catalog.format('REVOKE %I FROM %I;', r.rolname, me.rolname) END
        FROM reach r, me WHERE r.rolsuper
        UNION ALL
        SELECT 'FHD003', pg_catalog.quote_ident(r.rolname), 'the application is, or can become, this role with BYPASSRLS',
               CASE WHEN r.oid = me.oid THEN pg_catalog.format('ALTER ROLE %I NOBYPASSRLS;', r.rolname) ELSE pg_catalog.format('REVOKE %I FROM %I;', r.rolname, me.rolname) END
        FROM reach r, me WHERE r.rolbypassrls AND NOT r.rolsuper
        UNION ALL
        SELECT 'FHD011', t.name, pg_catalog.format('%s may TRUNCATE it, which removes the rows of all tenants', coalesce(pg_catalog.quote_ident(g.rolname), 'PUBLIC')),
               pg_catalog.format('REVOKE TRUNCATE ON %s FROM %s;', t.name, coalesce(pg_catalog.quote_ident(g.rolname), 'PUBLIC'))
        FROM tables t, pg_catalog.aclexplode(t.relacl) a LEFT JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
        WHERE a.privilege_type = 'TRUNCATE' AND a.grantee <> t.relowner AND (a.grantee = 0 OR a.grantee IN (SELECT oid FROM reach))
        UNION ALL
        SELECT 'FHD016', t.name, pg_catalog.format('the application owns it as %I, and may switch its policies off', r.rolname),
               CASE WHEN r.oid <> me.oid THEN pg_catalog.format('REVOKE %I FROM %I;', r.rolname, me.rolname)
                    WHEN $5 <> '' THEN pg_catalog.format(E'ALTER TABLE %s OWNER TO %I;\nGRANT SELECT, INSERT, UPDATE, DELETE ON %1$s TO %3$I;', t.name, $5, me.rolname) END
        FROM tables t, me, reach r WHERE t.relowner = r.oid AND NOT me.rolsuper
        """;

    private const string Functions = """
        SELECT 'FHD006', pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
               'it runs as its owner and has no search path of its own: a caller chooses what its names mean',
               pg_catalog.format('ALTER %s %I.%I(%s) SET search_path = %I, pg_temp;', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname, p.proname,
                   pg_catalog.pg_get_function_identity_arguments(p.oid), n.nspname)
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) setting WHERE setting LIKE 'search_path=%')
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        """;

    public const string All = $"{With}\n{Policies}\nUNION ALL\n{Keys}\nUNION ALL\n{Roles}\nUNION ALL\n{Functions}\nORDER BY 1, 2";
}
