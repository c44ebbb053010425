using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Freehold.Operations.Running;

/// <summary>The one loop of all operations: waves, one after the other; in a wave all servers at once, each with its slots; in a slot unit after unit.</summary>
internal sealed class OperationLoop(string operation, TenantRunOptions options, ILogger logger, Func<TenantOutcome, Task> record)
{
    private readonly ConcurrentDictionary<TenantId, TenantOutcome> _outcomes = new();
    private readonly ConcurrentDictionary<(string Server, int Number), Slot> _slots = new();
    private int _failures;
    private int _total;

    /// <summary>Goes through all units. Failures are outcomes; what is cancelled is not begun.</summary>
    public async Task<TenantOperationResult> RunAsync(IReadOnlyList<WorkUnit> units, IEnumerable<TenantOutcome> before, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var outcome in before)
        {
            _outcomes[outcome.Tenant.Id] = outcome;
        }

        var all = units.SelectMany(unit => unit.Tenants).ToArray();
        _total = _outcomes.Count + all.Length;
        _failures = _outcomes.Values.Count(outcome => outcome.Kind == TenantOutcomeKind.Failed);
        try
        {
            foreach (var wave in Waves.Of(units, options))
            {
                await Task.WhenAll(wave.GroupBy(unit => unit.Server).SelectMany(server => SlotsOf(server.Key, [.. server], cancellationToken))).ConfigureAwait(false);
                if (IsOver(cancellationToken) || (options.MaxFailures is null && _failures > 0))
                {
                    break;
                }
            }
        }
        finally
        {
            foreach (var slot in _slots.Values)
            {
                await slot.DisposeAsync().ConfigureAwait(false);
            }
        }

        foreach (var tenant in all)
        {
            _outcomes.TryAdd(tenant.Id, new(tenant, TenantOutcomeKind.NotBegun));
        }

        var result = new TenantOperationResult(operation, [.. _outcomes.Values.OrderBy(outcome => outcome.Tenant.Id.Value, StringComparer.Ordinal)], Stopwatch.GetElapsedTime(started));
        logger.RunEnded(
            operation,
            result.Outcomes.Count(outcome => outcome.Kind is TenantOutcomeKind.Succeeded or TenantOutcomeKind.NothingToDo),
            result.Outcomes.Count,
            result.Of(TenantOutcomeKind.Failed).Count(),
            result.Outcomes.Count(outcome => outcome.Kind is TenantOutcomeKind.NotBegun or TenantOutcomeKind.Stopped));
        return result;
    }

    private IEnumerable<Task> SlotsOf(string server, WorkUnit[] units, CancellationToken cancellationToken)
    {
        var queue = new ConcurrentQueue<WorkUnit>(units);
        return Enumerable.Range(0, Math.Min(units.Length, options.ParallelismPerServer))
            .Select(number => Task.Run(() => ServeAsync(_slots.GetOrAdd((server, number), _ => new Slot()), queue, cancellationToken), CancellationToken.None));
    }

    private async Task ServeAsync(Slot slot, ConcurrentQueue<WorkUnit> queue, CancellationToken cancellationToken)
    {
        while (!IsOver(cancellationToken) && queue.TryDequeue(out var unit))
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var tenant in unit.Tenants)
            {
                options.Progress?.Report(new(tenant.Id, null, _outcomes.Count, _total));
            }

            var (result, error) = await DoAsync(slot, unit, cancellationToken).ConfigureAwait(false);
            foreach (var tenant in unit.Tenants)
            {
                await EndAsync(new(tenant, result.Kind)
                {
                    Duration = Stopwatch.GetElapsedTime(started),
                    Error = error,
                    Applied = [.. unit.Migrations.Where(migration => !migration.IsReverted)],
                    Reverted = [.. unit.Migrations.Where(migration => migration.IsReverted)],
                }).ConfigureAwait(false);
            }
        }
    }

    private async Task<(UnitResult Result, Exception? Error)> DoAsync(Slot slot, WorkUnit unit, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var tenant in unit.Tenants)
            {
                await (options.BeforeTenant?.Invoke(tenant, CancellationToken.None) ?? Task.CompletedTask).ConfigureAwait(false);
            }

            return (await unit.Do(slot, cancellationToken).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (new(TenantOutcomeKind.Stopped), null);
        }
#pragma warning disable CA1031 // It is the tenant's outcome, whatever it is.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return (new(TenantOutcomeKind.Failed), failure);
        }
    }

    private async Task EndAsync(TenantOutcome outcome)
    {
        outcome = await AfterAsync(outcome, ended => options.AfterTenant?.Invoke(ended, CancellationToken.None) ?? Task.CompletedTask).ConfigureAwait(false);
        outcome = await AfterAsync(outcome, record).ConfigureAwait(false);
        if (outcome.Kind == TenantOutcomeKind.Failed)
        {
            Interlocked.Increment(ref _failures);
            logger.TenantFailed(operation, outcome.Tenant.Id, outcome.Error);
        }

        _outcomes[outcome.Tenant.Id] = outcome;
        options.Progress?.Report(new(outcome.Tenant.Id, outcome, _outcomes.Count, _total));
    }

    private static async Task<TenantOutcome> AfterAsync(TenantOutcome outcome, Func<TenantOutcome, Task> step)
    {
        try
        {
            await step(outcome).ConfigureAwait(false);
            return outcome;
        }
#pragma warning disable CA1031 // A hook's failure is the tenant's, and one that cannot be recorded would be repeated: both are failures.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return outcome with { Kind = TenantOutcomeKind.Failed, Error = outcome.Error ?? failure };
        }
    }

    private bool IsOver(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested || (options.MaxFailures is { } most && Volatile.Read(ref _failures) > most);
}
