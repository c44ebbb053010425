using System.Data.Common;
using Freehold.Core.Placement;

namespace Freehold.Operations.Places;

/// <summary>
/// The policies of a place of rows. Every table there that has the tenant's column has one, for reading and for writing, also for the table's
/// owner. Its comment holds a hash of what it said when it was made, so that a change by hand is seen.
/// </summary>
internal static class RowPolicies
{
    public const string Name = "freehold_tenant";

    private const string Version = "Freehold 1 ";

    private const string Tables = """
        pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::pg_catalog.regnamespace AND c.relkind IN ('r', 'p') AND a.attname =
        """;

    private const string Hash = "pg_catalog.md5(pg_catalog.pg_get_expr(p.polqual, p.polrelid) || '|' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))";

    /// <summary>Lets the owner of the tables see all rows for the rest of the transaction, which <see cref="ProtectSql"/> ends.</summary>
    public static string OpenSql(string column) => $"""
        DO $freehold$ DECLARE t record;
        BEGIN
            IF (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
            FOR t IN SELECT c.oid FROM {Tables} {SqlText.Literal(column)} AND c.relforcerowsecurity LOOP
                EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', t.oid::pg_catalog.regclass);
            END LOOP;
        END $freehold$;
        """;

    /// <summary>Gives tables and views of the current schema what they lack. Changes nothing, and locks nothing, where they lack nothing.</summary>
    public static string ProtectSql(string column) => $"""
        DO $freehold$ DECLARE t record; rule text := {SqlText.Literal(Rule(column))};
        BEGIN
            FOR t IN SELECT c.oid::pg_catalog.regclass AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced, p.oid AS policy
                FROM {Tables.Replace("WHERE", "LEFT JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid AND p.polname = '" + Name + "' WHERE", StringComparison.Ordinal)} {SqlText.Literal(column)}
            LOOP
                IF NOT t.forced THEN
                    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t.name);
                END IF;
                IF t.policy IS NULL THEN
                    EXECUTE format('CREATE POLICY {Name} ON %s USING (%s) WITH CHECK (%s)', t.name, rule, rule);
                    EXECUTE format('COMMENT ON POLICY {Name} ON %s IS %L', t.name,
                        (SELECT {SqlText.Literal(Version)} || {Hash} FROM pg_catalog.pg_policy p WHERE p.polrelid = t.name AND p.polname = '{Name}'));
                END IF;
            END LOOP;
            FOR t IN SELECT c.oid::pg_catalog.regclass AS name FROM pg_catalog.pg_class c
                WHERE c.relnamespace = current_schema()::pg_catalog.regnamespace AND c.relkind = 'v' AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)
            LOOP
                EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', t.name);
            END LOOP;
        END $freehold$;
        """;

    /// <summary>Mends what tables lack, and says which they were.</summary>
    /// <exception cref="TenantOperationException">A policy does not say what it said when it was made.</exception>
    public static async Task<IReadOnlyList<string>> MendAsync(DbConnection connection, Site site, string column, int timeout, CancellationToken cancellationToken)
    {
        var drifted = await TablesAsync(connection, DriftedSql(column), cancellationToken).ConfigureAwait(false);
        if (drifted.Count > 0)
        {
            throw site.Refused(
                $"the policy {Name} was changed by hand on {string.Join(", ", drifted)}: rows there may be seen by others. Remove it (DROP POLICY {Name} ON …) and repeat "
                + "the call, which makes it anew.");
        }

        var lacking = await TablesAsync(connection, LackingSql(column), cancellationToken).ConfigureAwait(false);
        if (lacking.Count > 0)
        {
            await connection.ExecuteAsync(ProtectSql(column), timeout, cancellationToken).ConfigureAwait(false);
        }

        return lacking;
    }

    private static string Rule(string column) => $"{SqlText.Identifier(column)} = (SELECT {TenantSetting.Value})";

    private static string DriftedSql(string column) => $"""
        SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_policy p, {Tables} {SqlText.Literal(column)} AND p.polrelid = c.oid AND
            (p.polname = '{Name}' AND (pg_catalog.obj_description(p.oid, 'pg_policy') IS DISTINCT FROM {SqlText.Literal(Version)} || {Hash}
                OR NOT p.polpermissive OR p.polcmd <> '*' OR p.polroles <> ARRAY[0::pg_catalog.oid]))
        """;

    private static string LackingSql(string column) => $"""
        SELECT c.oid::pg_catalog.regclass::text FROM {Tables} {SqlText.Literal(column)} AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity
            OR NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polname = '{Name}'))
        UNION ALL SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_class c WHERE c.relnamespace = current_schema()::pg_catalog.regnamespace
            AND c.relkind = 'v' AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)
        """;

    private static async Task<IReadOnlyList<string>> TablesAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        var row = await connection.RowAsync($"SELECT array_agg(name) FROM ({sql}) AS found (name)", cancellationToken).ConfigureAwait(false);
        return row is [string[] names] ? names : [];
    }
}
