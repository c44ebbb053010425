using System.Data;
using System.Data.Common;
using Freehold.Core.Placement;
using Freehold.Operations.Archiving;
using Npgsql;

namespace Freehold.Operations.Places;

/// <summary>The rows that the tenant's column says are a tenant's.</summary>
internal static class RowsOfTenant
{
    private const string TablesSql = """
        SELECT array_agg(c.oid::pg_catalog.regclass::text) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = current_schema()::pg_catalog.regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = $1
        """;

    /// <summary>
    /// Makes the rows that migrations wrote for a spare the tenant's that takes it over. In one statement, so that keys which begin with the tenant hold before and after it.
    /// </summary>
    public static async Task GiveAsync(DbConnection connection, TenantId spare, TenantId tenant, string column, int timeout, CancellationToken cancellationToken)
    {
        if (await connection.RowAsync(TablesSql, cancellationToken, column).ConfigureAwait(false) is [string[] tables])
        {
            var (quoted, from, to) = (SqlText.Identifier(column), SqlText.Literal(spare.Value), SqlText.Literal(tenant.Value));
            var updates = tables.Select((table, i) => $"u{i} AS (UPDATE {table} SET {quoted} = {to} WHERE {quoted} = {from})");
            await connection.ExecuteAsync($"WITH {string.Join(", ", updates)} SELECT", timeout, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Deletes from all tables in one statement: PostgreSQL checks references at its end, so neither their order nor a circle of them matters. The
    /// session is the tenant's meanwhile, so the policies, too, let no other row go.
    /// </summary>
    /// <returns>False where the archive lacks what was written since: nothing was deleted.</returns>
    public static async Task<bool> DeleteAsync(
        NpgsqlConnection connection, TenantId id, string column, NpgsqlContent? archived, int timeout, CancellationToken cancellationToken)
    {
        if (await connection.RowAsync(TablesSql, cancellationToken, column).ConfigureAwait(false) is not [string[] tables])
        {
            return true;
        }

        // By one snapshot, where an archive has to be compared: what is deleted is what was looked at.
        var level = archived is null ? IsolationLevel.ReadCommitted : IsolationLevel.RepeatableRead;
        var transaction = await connection.BeginTransactionAsync(level, cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        if (archived is not null && !await archived.IsSameAsync(connection, timeout, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        await connection.RowAsync("SELECT set_config($1, $2, true)", cancellationToken, TenantSetting.Name, id.Value).ConfigureAwait(false);
        var deletes = tables.Select((table, i) => $"d{i} AS (DELETE FROM {table} WHERE {SqlText.Identifier(column)} = {SqlText.Literal(id.Value)})");
        await connection.ExecuteAsync($"WITH {string.Join(", ", deletes)} SELECT", timeout, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }
}
