using Freehold.Operations.Places;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Running;

/// <summary>Runs the loop with its journal.</summary>
internal sealed class OperationRunner(TenantPlaces places, ILogger<OperationRunner> logger)
{
    /// <summary>Goes through the units.</summary>
    /// <param name="session">What the run keeps open.</param>
    /// <param name="operation">The name of the work.</param>
    /// <param name="units">What there is to do.</param>
    /// <param name="before">How it went for those whose turn does not come.</param>
    /// <param name="options">How to go through.</param>
    /// <param name="isRecordedThere">Whether the tenants' own places say that it was done, so that the journal is for people and may come later.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    public async Task<TenantOperationResult> RunAsync(
        RunSession session, string operation, WorkUnit[] units, TenantOutcome[] before, TenantRunOptions options, bool isRecordedThere, CancellationToken cancellationToken)
    {
        // Nothing to do writes nothing, too.
        var journal = units.Length > 0 && !cancellationToken.IsCancellationRequested ? session.Journal : null;
        if (journal is not null)
        {
            var done = before.Where(outcome => outcome.Kind == TenantOutcomeKind.NothingToDo).Select(outcome => outcome.Tenant);
            await places.ExplainedAsync(
                Site.Shared,
                "Writing the journal",
                () => journal.BeginAsync(operation, units.SelectMany(unit => unit.Tenants), done, CancellationToken.None)).ConfigureAwait(false);
        }

        var loop = new OperationLoop(operation, options, logger, RecordAsync);
        var result = await loop.RunAsync(units, before, cancellationToken).ConfigureAwait(false);
        try
        {
            await (journal?.EndAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (System.Data.Common.DbException failure)
        {
            // What was done is done, and the result says so. The run stays open, which the next one notices.
            logger.JournalFailed(operation, failure);
        }

        return result;

        Task RecordAsync(TenantOutcome outcome)
        {
            if (!isRecordedThere)
            {
                return journal?.RecordAsync(outcome) ?? Task.CompletedTask;
            }

            journal?.RecordSoon(outcome);
            return Task.CompletedTask;
        }
    }
}
