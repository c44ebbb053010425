using System.Globalization;

namespace Freehold.Operations.Drift;

/// <summary>What is compared, kind by kind, as SQL over what <see cref="CatalogSql"/> gathers of a place.</summary>
internal static class CatalogFacts
{
    public static readonly IReadOnlyList<FactSql> All =
    [
        new(DriftKind.Extension, "pg_catalog.quote_ident(e.extname)", "''", "'extension'", "pg_catalog.pg_extension e WHERE place.is_whole", "e.oid")
        {
            Create = "pg_catalog.format('CREATE EXTENSION IF NOT EXISTS %I', e.extname)",
        },
        new(DriftKind.Type, "k.name", "''", TypeDefinition, "kinds k", "k.oid")
        {
            Create = $"pg_catalog.concat(CASE k.typtype WHEN 'd' THEN 'CREATE DOMAIN ' ELSE 'CREATE TYPE ' END, k.name, ' AS ', {TypeDefinition})",
        },
        new(DriftKind.Sequence, "c.name", SequenceParent, Sequence, "rels c JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid", "c.oid")
        {
            Create = $"pg_catalog.concat('CREATE SEQUENCE ', c.name, ' ', {Sequence})",
            Change = $"pg_catalog.concat('ALTER SEQUENCE ', c.name, ' ', {Sequence})",
        },
        new(DriftKind.Table, "t.name", "''", Table, "tables t", "t.oid")
        {
            Create = """
                CASE WHEN t.relkind = 'r' AND NOT t.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = t.oid) THEN pg_catalog.concat(
                    CASE t.relpersistence WHEN 'u' THEN 'CREATE UNLOGGED TABLE ' ELSE 'CREATE TABLE ' END, t.name, ' (',
                    (SELECT pg_catalog.string_agg(c.full_text, ', ' ORDER BY c.attnum) FROM full_cols c WHERE c.attrelid = t.oid), ')',
                    ' WITH (' || pg_catalog.array_to_string(t.reloptions, ', ') || ')') END
                """,
        },
        new(DriftKind.Column, "c.name", "'Table ' || c.table_name", "'column'", "full_cols c WHERE c.attislocal", "c.attnum::pg_catalog.int8")
        {
            Create = "pg_catalog.concat('ALTER TABLE ', c.table_name, ' ADD COLUMN ', c.full_text)",
        },
        new(DriftKind.ColumnType, "c.name", "c.parent", "c.type", "cols c WHERE c.attislocal", "c.attnum::pg_catalog.int8")
        {
            Change = "CASE WHEN c.attgenerated = '' THEN pg_catalog.concat('ALTER TABLE ', c.table_name, ' ALTER COLUMN ', c.col, ' TYPE ', c.type) END",
        },
        new(DriftKind.Function, "p.name", "''", FunctionDefinition, "procs p", "p.oid")
        {
            Create = "CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) END",
            Change = "CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) END",
            Drop = "CASE WHEN p.prokind <> 'a' THEN 'DROP ROUTINE ' || p.name END",
        },
        new(DriftKind.Nullability, "c.name", "c.parent", "CASE WHEN c.attnotnull THEN 'NOT NULL' ELSE 'NULL' END", "cols c", "c.attnum::pg_catalog.int8")
        {
            Change = "pg_catalog.concat('ALTER TABLE ', c.table_name, ' ALTER COLUMN ', c.col, CASE WHEN c.attnotnull THEN ' SET NOT NULL' ELSE ' DROP NOT NULL' END)",
        },

        // An identity begins anew where it is made anew, and a generated column has to be: neither is done to a table with rows by a script.
        new(DriftKind.Default, "c.name", "c.parent", "c.value", "cols c WHERE c.value IS NOT NULL", "c.attnum::pg_catalog.int8")
        {
            Create = "CASE WHEN c.attidentity = '' AND c.attgenerated = '' THEN pg_catalog.concat('ALTER TABLE ', c.table_name, ' ALTER COLUMN ', c.col, ' SET ', c.value) END",
            Drop = """
                CASE WHEN c.attgenerated = '' THEN pg_catalog.concat('ALTER TABLE ', c.table_name, ' ALTER COLUMN ', c.col,
                    CASE WHEN c.attidentity <> '' THEN ' DROP IDENTITY' ELSE ' DROP DEFAULT' END) END
                """,
        },
        Constraint(DriftKind.Key, "'p', 'u', 'x'"),
        new(DriftKind.Index, IndexName, "CASE t.relkind WHEN 'm' THEN 'View ' ELSE 'Table ' END || t.name", IndexDefinition, Indexes, "x.oid")
        {
            Create = "pg_catalog.pg_get_indexdef(x.oid, 0, true)",
            Drop = $"'DROP INDEX ' || {IndexName}",
        },
        Constraint(DriftKind.Check, "'c'"),
        Constraint(DriftKind.ForeignKey, "'f'"),
        new(DriftKind.View, "v.name", "''", $"pg_catalog.concat({View}, ' AS ', pg_catalog.pg_get_viewdef(v.oid, true))", "rels v WHERE v.relkind IN ('v', 'm')", "v.oid")
        {
            Create = """
                pg_catalog.concat(CASE v.relkind WHEN 'm' THEN 'CREATE MATERIALIZED VIEW ' ELSE 'CREATE VIEW ' END, v.name,
                    ' WITH (' || pg_catalog.array_to_string(v.reloptions, ', ') || ')', ' AS ', pg_catalog.pg_get_viewdef(v.oid, true))
                """,
            Drop = "CASE v.relkind WHEN 'm' THEN 'DROP MATERIALIZED VIEW ' ELSE 'DROP VIEW ' END || v.name",
        },
        new(
            DriftKind.Rule, "pg_catalog.quote_ident(w.rulename) || ' ON ' || c.name", "CASE WHEN c.relkind IN ('v', 'm') THEN 'View ' ELSE 'Table ' END || c.name",
            "pg_catalog.pg_get_ruledef(w.oid, true)", "rels c JOIN pg_catalog.pg_rewrite w ON w.ev_class = c.oid AND w.rulename <> '_RETURN'", "w.oid")
        {
            Create = "pg_catalog.pg_get_ruledef(w.oid, true)",
            Drop = "pg_catalog.concat('DROP RULE ', pg_catalog.quote_ident(w.rulename), ' ON ', c.name)",
        },
        new(
            DriftKind.Trigger, "pg_catalog.quote_ident(g.tgname) || ' ON ' || c.name", "CASE WHEN c.relkind IN ('v', 'm') THEN 'View ' ELSE 'Table ' END || c.name",
            $"pg_catalog.concat(pg_catalog.pg_get_triggerdef(g.oid, true), {Enabled})", Triggers, "g.oid")
        {
            Create = $"""
                pg_catalog.concat(pg_catalog.pg_get_triggerdef(g.oid, true), '; ALTER TABLE ' || c.name || {Enabled} || ' TRIGGER ' || pg_catalog.quote_ident(g.tgname))
                """,
            Drop = "pg_catalog.concat('DROP TRIGGER ', pg_catalog.quote_ident(g.tgname), ' ON ', c.name)",
        },

        // Its comment tells whether a policy of rows was changed: one that is made again needs it, too.
        new(
            DriftKind.Policy, "pg_catalog.quote_ident(p.polname) || ' ON ' || p.table_name", "'Table ' || p.table_name",
            "pg_catalog.concat(p.head, p.who, p.rule)", "policies p", "p.oid")
        {
            Create = """
                pg_catalog.concat('CREATE POLICY ', pg_catalog.quote_ident(p.polname), ' ON ', p.table_name, ' ', p.head, p.roles, p.rule,
                    pg_catalog.format('; COMMENT ON POLICY %I ON %s IS ', p.polname, p.table_name) || pg_catalog.quote_literal(pg_catalog.obj_description(p.oid, 'pg_policy')))
                """,
            Drop = "pg_catalog.concat('DROP POLICY ', pg_catalog.quote_ident(p.polname), ' ON ', p.table_name)",
        },
        new(DriftKind.RowSecurity, "t.name", "'Table ' || t.name",
            "pg_catalog.concat(CASE WHEN t.relrowsecurity THEN 'enabled' ELSE 'disabled' END, CASE WHEN t.relforcerowsecurity THEN ', forced' END)", "tables t", "t.oid")
        {
            Change = """
                pg_catalog.concat('ALTER TABLE ', t.name, CASE WHEN t.relrowsecurity THEN ' ENABLE' ELSE ' DISABLE' END, ' ROW LEVEL SECURITY,',
                    CASE WHEN t.relforcerowsecurity THEN ' FORCE' ELSE ' NO FORCE' END, ' ROW LEVEL SECURITY')
                """,
        },

        // Grants on what is not there yet are those of the roles that will make it.
        new(DriftKind.Grant, "r.name", "r.parent", "r.definition", "rights r", "r.oid")
        {
            Create = $"pg_catalog.concat_ws('; ', {Grant("plain", "")}, {Grant("grantable", " WITH GRANT OPTION")})",
            Drop = $"""
                CASE WHEN r.target NOT LIKE '% %' THEN
                         pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA %s REVOKE ALL ON %s FROM %s', r.givers, place.quoted, r.target, r.role)
                     WHEN r.col IS NOT NULL THEN pg_catalog.format('REVOKE ALL (%s) ON %s FROM %s', r.col, r.target, r.role)
                     ELSE pg_catalog.format('REVOKE ALL ON %s FROM %s', r.target, r.role) END
                """,
        },
    ];

    private const string Sequence = """
        pg_catalog.concat('AS ', s.seqtypid::pg_catalog.regtype, ' INCREMENT ', s.seqincrement, ' MINVALUE ', s.seqmin, ' MAXVALUE ', s.seqmax, ' START ', s.seqstart,
            ' CACHE ', s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE ' NO CYCLE' END)
        """;

    // The sequence of an identity comes and goes with it.
    private const string SequenceParent = """
        coalesce((SELECT 'Default ' || o.name FROM pg_catalog.pg_depend d JOIN cols o ON o.attrelid = d.refobjid AND o.attnum = d.refobjsubid
            WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'i'), '')
        """;

    private const string Table = """
        pg_catalog.concat(CASE t.relpersistence WHEN 'u' THEN 'unlogged ' END, CASE t.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END,
            ' partitioned by ' || pg_catalog.pg_get_partkeydef(t.oid),
            (SELECT CASE WHEN t.relispartition THEN ' partition of ' ELSE ' inherits ' END || pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::text, ', ' ORDER BY i.inhseqno)
             FROM pg_catalog.pg_inherits i WHERE i.inhrelid = t.oid),
            ' ' || pg_catalog.pg_get_expr(t.relpartbound, t.oid, true),
            ' with (' || pg_catalog.array_to_string(t.reloptions, ', ') || ')',
            CASE t.relreplident WHEN 'd' THEN NULL WHEN 'f' THEN ' replica identity full' WHEN 'i' THEN ' replica identity index' ELSE ' replica identity nothing' END)
        """;

    private const string TypeDefinition = """
        CASE k.typtype
            WHEN 'e' THEN (SELECT 'ENUM (' || pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) || ')'
                FROM pg_catalog.pg_enum e WHERE e.enumtypid = k.oid)
            WHEN 'd' THEN pg_catalog.concat(pg_catalog.format_type(k.typbasetype, k.typtypmod), ' DEFAULT ' || k.typdefault, CASE WHEN k.typnotnull THEN ' NOT NULL' END,
                (SELECT pg_catalog.string_agg(' CONSTRAINT ' || pg_catalog.quote_ident(o.conname) || ' ' || pg_catalog.pg_get_constraintdef(o.oid, true), '' ORDER BY o.conname)
                 FROM pg_catalog.pg_constraint o WHERE o.contypid = k.oid AND o.contype = 'c'))
            WHEN 'r' THEN (SELECT 'RANGE (SUBTYPE = ' || pg_catalog.format_type(g.rngsubtype, NULL) || ')' FROM pg_catalog.pg_range g WHERE g.rngtypid = k.oid)
            ELSE (SELECT '(' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) || ')'
                FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END
        """;

    private const string FunctionDefinition = """
        CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) ELSE (
            SELECT pg_catalog.concat('AGGREGATE ', pg_catalog.format_type(p.prorettype, NULL), ' ', g.aggtransfn, ' ', g.aggfinalfn, ' ', g.aggcombinefn, ' ',
                pg_catalog.format_type(g.aggtranstype, NULL), ' ', g.agginitval, ' ', g.aggsortop::pg_catalog.regoperator)
            FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid = p.oid) END
        """;

    private const string Indexes = """
        rels t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        WHERE NOT x.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = x.oid AND o.conrelid = t.oid AND o.contype IN ('p', 'u', 'x'))
        """;

    private const string IndexName = """
        pg_catalog.concat(CASE WHEN x.relnamespace <> place.oid THEN x.relnamespace::pg_catalog.regnamespace || '.' END, pg_catalog.quote_ident(x.relname))
        """;

    private const string IndexDefinition = """
        pg_catalog.concat(pg_catalog.pg_get_indexdef(x.oid, 0, true), CASE WHEN NOT i.indisvalid THEN ' INVALID' END, CASE WHEN i.indisclustered THEN ' CLUSTERED' END)
        """;

    private const string View = """
        pg_catalog.concat(CASE v.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, ' with (' || pg_catalog.array_to_string(v.reloptions, ', ') || ')')
        """;

    private const string Triggers = "rels c JOIN pg_catalog.pg_trigger g ON g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgparentid = 0";

    private const string Enabled = "CASE g.tgenabled WHEN 'D' THEN ' DISABLE' WHEN 'A' THEN ' ENABLE ALWAYS' WHEN 'R' THEN ' ENABLE REPLICA' END";

    private static FactSql Constraint(DriftKind kind, string types) =>
        new(
            kind, "pg_catalog.quote_ident(o.conname) || ' ON ' || t.name", "'Table ' || t.name", "pg_catalog.pg_get_constraintdef(o.oid, true)",
            $"tables t JOIN pg_catalog.pg_constraint o ON o.conrelid = t.oid AND o.contype IN ({types}) AND o.conparentid = 0 AND o.conislocal", "o.oid")
        {
            Create = "pg_catalog.concat('ALTER TABLE ', t.name, ' ADD CONSTRAINT ', pg_catalog.quote_ident(o.conname), ' ', pg_catalog.pg_get_constraintdef(o.oid, true))",
            Drop = "pg_catalog.concat('ALTER TABLE ', t.name, ' DROP CONSTRAINT ', pg_catalog.quote_ident(o.conname))",
        };

    private static string Grant(string rights, string suffix) => $"""
        CASE WHEN r.{rights} IS NULL THEN NULL
             WHEN r.target NOT LIKE '% %' THEN
                 pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA %s GRANT %s ON %s TO %s{suffix}', r.givers, place.quoted, r.{rights}, r.target, r.role)
             ELSE pg_catalog.format('GRANT %s ON %s TO %s{suffix}', r.{rights}, r.target, r.role) END
        """;
}

/// <summary>The select that gives the facts of a kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Parent">The key of what it goes with.</param>
/// <param name="Definition">How it is.</param>
/// <param name="From">Where it is read from, conditions included.</param>
/// <param name="Made">What orders those of a kind as they were made: a later one can depend on an earlier one.</param>
internal sealed record FactSql(DriftKind Kind, string Name, string Parent, string Definition, string From, string Made)
{
    private const string Nothing = "NULL";

    public string Create { get; init; } = Nothing;

    public string Change { get; init; } = Nothing;

    public string Drop { get; init; } = Nothing;

    public string Sql(bool withRepair)
    {
        var kind = ((int)Kind).ToString(CultureInfo.InvariantCulture);
        var repair = withRepair ? $", {Parent} AS parent, {Create} AS creates, {Change} AS changes, {Drop} AS drops, ({Made})::pg_catalog.int8 AS made" : "";
        return $"SELECT {kind} AS kind, {Name} AS name, {Definition} AS definition{repair} FROM {From}";
    }
}
