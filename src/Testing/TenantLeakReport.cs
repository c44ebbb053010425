namespace Freehold;

/// <summary>What <see cref="TenantLeakSuite{TContext}.RunAsync"/> did and found.</summary>
public sealed class TenantLeakReport
{
    // A message is for people.
    private const int Shown = 20;

    internal TenantLeakReport(
        IReadOnlyList<string> findings, IReadOnlyList<string> blind, IReadOnlyList<string> entities, IReadOnlyDictionary<string, int> operations, int cancelled)
    {
        Findings = findings;
        Blind = blind;
        Entities = entities;
        Operations = operations;
        Cancelled = cancelled;
    }

    /// <summary>Rows of others that were met or changed, own rows that were missing, and errors; a sentence each.</summary>
    public IReadOnlyList<string> Findings { get; }

    /// <summary>
    /// The positive controls that found nothing, although a defect was put in on purpose: of these entity types, or by these means, the suite would
    /// not see a leak. Give the rows of each tenant values of their own, with <see cref="TenantLeakOptions.Make{TEntity}"/>.
    /// </summary>
    public IReadOnlyList<string> Blind { get; }

    /// <summary>The entity types whose rows were looked at.</summary>
    public IReadOnlyList<string> Entities { get; }

    /// <summary>How often each kind of operation was done.</summary>
    public IReadOnlyDictionary<string, int> Operations { get; }

    /// <summary>How many operations were cancelled on the way.</summary>
    public int Cancelled { get; }

    /// <summary>Does nothing where nothing leaked and every control was found.</summary>
    /// <exception cref="TenantLeakException">Something leaked, or would not have been seen.</exception>
    public void ThrowIfLeaked()
    {
        if (Findings.Count > 0)
        {
            throw new TenantLeakException($"{Findings.Count} findings:\n{string.Join('\n', Findings.Take(Shown))}");
        }

        if (Blind.Count > 0)
        {
            throw new TenantLeakException($"Nothing leaked, but these would not be seen to leak:\n{string.Join('\n', Blind)}");
        }
    }
}
