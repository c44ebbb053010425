namespace Freehold;

/// <summary>How an operation went.</summary>
/// <param name="Operation">Its name.</param>
/// <param name="Outcomes">How it went for each tenant of the plan, in the order of their ids.</param>
/// <param name="Duration">How long it took.</param>
public sealed record TenantOperationResult(string Operation, IReadOnlyList<TenantOutcome> Outcomes, TimeSpan Duration)
{
    // A message is for people: who wants them all reads Outcomes.
    private const int Named = 10;

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsComplete => Outcomes.All(outcome => outcome.Kind is TenantOutcomeKind.Succeeded or TenantOutcomeKind.NothingToDo);

    /// <summary>Those of one kind.</summary>
    public IEnumerable<TenantOutcome> Of(TenantOutcomeKind kind) => Outcomes.Where(outcome => outcome.Kind == kind);

    /// <summary>Does nothing where no tenant failed.</summary>
    /// <exception cref="AggregateException">Some failed, whom the message names; the inner exceptions are theirs.</exception>
    public void ThrowIfFailed()
    {
        var failed = Of(TenantOutcomeKind.Failed).ToArray();
        if (failed.Length > 0)
        {
            var names = string.Join(", ", failed.Take(Named).Select(outcome => outcome.Tenant.Id)) + (failed.Length > Named ? ", …" : "");
            throw new AggregateException($"'{Operation}' failed for {failed.Length} of {Outcomes.Count} tenants: {names}.", failed.Select(outcome => outcome.Error!));
        }
    }
}

/// <summary>How it went for a tenant.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">How.</param>
public sealed record TenantOutcome(Tenant Tenant, TenantOutcomeKind Kind)
{
    /// <summary>How long its turn took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Why it failed; null where it did not.</summary>
    public Exception? Error { get; init; }

    /// <summary>The migrations that this run applied to its place, or marked as applied, also where it failed then; empty for other operations.</summary>
    public IReadOnlyList<TenantMigration> Applied { get; init; } = [];

    /// <summary>Those that it reverted, in the order in which that was done.</summary>
    public IReadOnlyList<TenantMigration> Reverted { get; init; } = [];
}

/// <summary>The kinds of outcome.</summary>
public enum TenantOutcomeKind
{
    /// <summary>It was done.</summary>
    Succeeded = 0,

    /// <summary>It was done before.</summary>
    NothingToDo = 1,

    /// <summary>It was not done, or not to its end; <see cref="TenantOutcome.Error"/> says why.</summary>
    Failed = 2,

    /// <summary>It was begun, and the run was ended between two of its steps; the next run continues there.</summary>
    Stopped = 3,

    /// <summary>Its turn did not come.</summary>
    NotBegun = 4,
}
