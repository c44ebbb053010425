using System.Data.Common;
using Freehold.Core.Data.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Freehold.Core.Data.Session;

/// <summary>
/// Refuses to open, begin and save while another tenant is ambient. Rolling back, closing and disposing are always allowed: they only
/// ever give something up.
/// </summary>
internal sealed class TenantGuardInterceptor(TenantLease lease, TenantModelSettings settings) : IDbConnectionInterceptor, IDbTransactionInterceptor, ISaveChangesInterceptor
{
    public InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        GuardOpening();
        lease.ReadyAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return result;
    }

    public async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        GuardOpening();
        await lease.ReadyAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    public void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) => lease.Explain(eventData.Exception);

    public Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        lease.Explain(eventData.Exception);
        return Task.CompletedTask;
    }

    public InterceptionResult<DbTransaction> TransactionStarting(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result)
    {
        lease.Guard("Beginning a transaction");
        return result;
    }

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
    {
        lease.Guard("Beginning a transaction");
        return new(result);
    }

    public InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
    {
        lease.Guard("Committing a transaction");
        return result;
    }

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        lease.Guard("Committing a transaction");
        return new(result);
    }

    public InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        GuardSaving(eventData.Context!);
        return result;
    }

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        GuardSaving(eventData.Context!);
        return new(result);
    }

    // Behind a pooler the session of a save is its transaction: there has to be one, also for a single statement.
    private void GuardSaving(DbContext context)
    {
        lease.Guard("Saving changes");
        if (lease.IsPooled
            && context.Database.AutoTransactionBehavior == AutoTransactionBehavior.WhenNeeded
            && (lease.NeedsSession || settings.AlwaysSetsSearchPath || context.Model.Has(ModelAnnotations.NeedsSession)))
        {
            context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
        }
    }

    private void GuardOpening()
    {
        lease.Guard("Opening a connection");
        lease.ClaimTransaction();
    }
}
