using System.Data.Common;
using Freehold.Core.Placement;

namespace Freehold.Operations.Places;

/// <summary>
/// What the roles of an application may do in a schema that another role owns: read and write rows, and never TRUNCATE. Given for what is there
/// and for what migrations will make, so that nothing has to be remembered.
/// </summary>
internal static class NpgsqlGrants
{
    private const string All = "SELECT, INSERT, UPDATE, DELETE";

    /// <summary>Stands before grants on what several tenants share: PostgreSQL lets two at once fail.</summary>
    public const string InTurn = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('freehold:grants', 0));\n";

    /// <summary>Whether both are there, and the role may not use the schema yet.</summary>
    public static async Task<bool> LacksAsync(DbConnection connection, string schema, string role, CancellationToken cancellationToken) =>
        await connection.RowAsync(
            "SELECT NOT pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE') FROM pg_catalog.pg_roles r, pg_catalog.pg_namespace n WHERE r.rolname = $1 AND n.nspname = $2",
            cancellationToken,
            role,
            schema).ConfigureAwait(false) is [true];

    /// <summary>Lets a role use a schema's tables, those to come included.</summary>
    public static string Tables(string schema, string role, bool mayWrite = true)
    {
        var (quoted, grantee, rights) = (SqlText.Identifier(schema), SqlText.Identifier(role), mayWrite ? All : "SELECT");
        var tables = $"""
            GRANT USAGE ON SCHEMA {quoted} TO {grantee};
            GRANT {rights} ON ALL TABLES IN SCHEMA {quoted} TO {grantee};
            ALTER DEFAULT PRIVILEGES IN SCHEMA {quoted} GRANT {rights} ON TABLES TO {grantee};

            """;
        return !mayWrite ? tables : $"""
            {tables}
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA {quoted} TO {grantee};
            ALTER DEFAULT PRIVILEGES IN SCHEMA {quoted} GRANT USAGE ON SEQUENCES TO {grantee};
            """;
    }

    /// <summary>Lets a role use the types of a schema without tables.</summary>
    public static string Types(string? schema, string role) => schema is null ? "" : $"GRANT USAGE ON SCHEMA {SqlText.Identifier(schema)} TO {SqlText.Identifier(role)};";

    /// <summary>Takes from the application's role what it had before tenants had roles.</summary>
    public static string Revoked(string schema, string role)
    {
        var (quoted, grantee) = (SqlText.Identifier(schema), SqlText.Identifier(role));
        return $"""
            REVOKE ALL ON SCHEMA {quoted} FROM {grantee};
            REVOKE ALL ON ALL TABLES IN SCHEMA {quoted} FROM {grantee};
            REVOKE ALL ON ALL SEQUENCES IN SCHEMA {quoted} FROM {grantee};
            ALTER DEFAULT PRIVILEGES IN SCHEMA {quoted} REVOKE ALL ON TABLES FROM {grantee};
            ALTER DEFAULT PRIVILEGES IN SCHEMA {quoted} REVOKE ALL ON SEQUENCES FROM {grantee};

            """;
    }
}
