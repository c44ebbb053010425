namespace Freehold;

/// <summary>How work for each tenant went (<see cref="TenantWorkExtensions.ForEachTenantAsync"/>).</summary>
public sealed class TenantRun
{
    // A message is for people: who wants them all reads Failures.
    private const int Named = 10;

    internal TenantRun(int succeeded, int skipped, IReadOnlyList<TenantFailure> failures)
    {
        Succeeded = succeeded;
        Skipped = skipped;
        Failures = failures;
    }

    /// <summary>For how many tenants the work was done.</summary>
    public int Succeeded { get; }

    /// <summary>How many were active on the list, and suspended or gone before their turn came.</summary>
    public int Skipped { get; }

    /// <summary>The tenants whose work failed, or who could not be served, in the order of their ids.</summary>
    public IReadOnlyList<TenantFailure> Failures { get; }

    /// <summary>Does nothing where no tenant's work failed.</summary>
    /// <exception cref="AggregateException">It failed for some, whom the message names; the inner exceptions are theirs.</exception>
    public void ThrowIfFailed()
    {
        if (Failures.Count > 0)
        {
            var names = string.Join(", ", Failures.Take(Named).Select(failure => failure.TenantId)) + (Failures.Count > Named ? ", …" : "");
            throw new AggregateException(
                $"The work failed for {Failures.Count} of {Succeeded + Failures.Count} tenants: {names}.", Failures.Select(failure => failure.Exception));
        }
    }
}

/// <summary>A tenant whose work failed.</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="Exception">What the work threw, or the <see cref="TenantUnavailableException"/> for which it did not begin.</param>
public sealed record TenantFailure(TenantId TenantId, Exception Exception);
