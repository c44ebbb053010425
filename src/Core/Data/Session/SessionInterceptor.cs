using System.Data.Common;
using System.Transactions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Comes last, after the user's interceptors: gives marked commands their tenant's session and stops what still carries the placeholder.
/// The session is set by every command that needs it, so that nothing has to be remembered about pools and rollbacks.
/// </summary>
internal sealed class SessionInterceptor : DbCommandInterceptor
{
    public static readonly SessionInterceptor Instance = new();

    private SessionInterceptor()
    {
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result) =>
        Prepared(command, eventData, result);

    public override InterceptionResult<object> ScalarExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<object> result) =>
        Prepared(command, eventData, result);

    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result) =>
        Prepared(command, eventData, result);

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        PreparedAsync(command, eventData, result, cancellationToken);

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) =>
        PreparedAsync(command, eventData, result, cancellationToken);

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        PreparedAsync(command, eventData, result, cancellationToken);

    private static T Prepared<T>(DbCommand command, CommandEventData eventData, T result)
    {
        if (Prefix(command, eventData) is { } separate)
        {
            using (separate)
            {
                separate.ExecuteNonQuery();
            }
        }

        return result;
    }

    private static ValueTask<T> PreparedAsync<T>(DbCommand command, CommandEventData eventData, T result, CancellationToken cancellationToken) =>
        Prefix(command, eventData) is { } separate ? SendAsync(separate, result, cancellationToken) : new(result);

    private static async ValueTask<T> SendAsync<T>(DbCommand separate, T result, CancellationToken cancellationToken)
    {
        await using (separate.ConfigureAwait(false))
        {
            await separate.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    /// <summary>Prefixes the session to the command, or returns a command that has to be sent before it.</summary>
    private static DbCommand? Prefix(DbCommand command, CommandEventData eventData)
    {
        var sql = command.CommandText;
        if (sql.Contains(Placeholder.Token, StringComparison.Ordinal))
        {
            throw new TenantMissingException(
                "A command was about to leave without its tenant's schema, so it was stopped. It was made outside the context of a tenant: ask "
                + "ITenantDbContextFactory for one.");
        }

        var needsPath = sql.Contains(Placeholder.SessionMark, StringComparison.Ordinal);
        if (!needsPath && !sql.Contains(Placeholder.TenantMark, StringComparison.Ordinal))
        {
            return null;
        }

        var lease = eventData.Context!.GetService<TenantLease>();
        var session = needsPath ? lease.SessionSql : lease.TenantSql;
        var mark = needsPath ? Placeholder.SessionMark : Placeholder.TenantMark;
        if (eventData.CommandSource != CommandSource.SaveChanges)
        {
            // Where nobody wrote before the mark, one copy of the text is enough.
            command.CommandText = sql.StartsWith(mark, StringComparison.Ordinal)
                ? string.Concat(session, "\n", sql.AsSpan(mark.Length))
                : string.Concat(session, "\n", sql.Replace(mark, "", StringComparison.Ordinal));
            return null;
        }

        sql = sql.Replace(mark, "", StringComparison.Ordinal);

        // EF reads the results of SaveChanges by the index of the statement: nothing may stand before the first.
        command.CommandText = sql;
        if (lease.IsPooled && command.Transaction is null && Transaction.Current is null)
        {
            throw new MultiTenancyConfigurationException(
                "SaveChanges was about to run without a transaction behind a pooler (AutoTransactionBehavior.Never), where its session would be another "
                + "client's by then. Leave AutoTransactionBehavior as it is, or begin a transaction.");
        }

        var separate = command.Connection!.CreateCommand();
        separate.Transaction = command.Transaction;
        separate.CommandText = session;
        return separate;
    }
}
